"""Words that decide whether what follows a cue is a personal name: ordinary words, ways of address, given names.

Only word lists, written for this project; how they are used is `names`' business.
"""

# Stand between a cue and the name: "atas nama bapak H. …", "Pak RW …", "Bu Bidan …".
ADDRESSES = frozenset(
    """
    abang adalah adik aku alm almarhum almarhumah almh anak ayah bang bapak bidan bp bpk bu buya datuak datuk
    dokter dosen dr dra drg drs dt guru h hajah haji hj ialah ibu ir istri jorong kak kakak kakek kh mama mas mbak
    nenek ny nyonya orang ortu pak papa perawat prof rt rw saudara saudari saya sdr sdri suami suster sy sya tua
    tuan uda uni ust ustad ustadz ustadzah yaitu
    """.split()
)

# Never a name after a cue, however it is written.
ORDINARY = frozenset(
    """
    ada adalah adanya adm ado agar ahli air aja akan akhir akhirnya akses akta akte akun alah alamat alasan
    alhamdulillah alias alim alun aman ambil ambo an anda andai aneh angkut ank antara apa apabila apakah apalagi
    apresiasi arah area asal asli aspal assalamualaikum atap atas atau audit awak awal awas ayo baa babinsa baca
    bagaimana bagi bagian bagus bahkan bahwa baik bakar balik bangun banjir bansos bantu bantuan banyak baru
    barusan basah bau bawa bawah bayar beberapa beda begini begitu bekas bekerja beliau belum benar bendungan
    bentak berani berapa beras berat berikut berkas bersama bersih berupa besar beserta besok betul bhabinkamtibmas
    biar biasa biaya bila biru bisa blm blokir blom blum bocor bodoh bohong boleh bongkar bpkb buang buat bubar
    buka bukan bukti bulan bunga butuh cabut cadiak cair cape capek cara cari catat catatan cek cepat cerdik cerita
    coba cocok coret cukup cuma curang daerah daftar dahulu dalam dan dana dapat dari daripada data datang dek
    dekat demi demikian den denda dengan depan desa developer dg dgn di dia dimana disini disitu dll dobel dong
    double dua dulu edar eh elok email engga enggak entah eror error fakta fasilitas fiktif foto g ga gagal gaji
    gak gali galian ganda ganti gara gedung gelap geser gimana gini gitu gk gmn goreng gotong gratis gtu hadir hak
    hal halaman hallo halo hamil hampir hanya hapus harap harga hari harus hasil hati hatur hendak heran hidup
    hijau hilang hingga hitam hitung hormat hp hrs hubungi hujan ia ijin iko ikut imbas indak indonesia info ingat
    ingin ini instansi insyaallah inyo isi itu iuran iya izin izinkan jabatan jadi jadwal jaga jalan jam jamaah
    jangan janji jarak jarang jaringan jatuh jauh jelas jembatan jemput jika jl jln jo jual juga jujur jukir jumlah
    juta ka kabar kabel kabur kagak kalau kali kalo kami kampung kamu kan kapan karena karna kartu kasih kasihan
    kasir kasus kata katanya kaum kawan kawasan ke keadilan kebakaran kecewa kegiatan kejadian kekurangan kelas
    keliru keluar keluarga keluhan kemana kemarin kembali kemis kemudian kenapa kep kepada kerja kesal ketika ketua
    khusus khususnya kia kini kip kira kirim kis kita kito kk klo kmrn knp ko kok komplain kondisi kontraktor
    kontribusi korban kosong kosongkan kotor krn kronologi ktp kuning kurang kursi lagi lah lahan lahir lai lain
    lalu lama lampiran lampu lancar langsung lantai lapak lapangan lapor laporan lari lebih lelah lengkap lepas
    lewat liar lihat lima limbah listrik lokal lokasi longsor luar lubang lulus lumayan lurus maaf macet mahal
    mahasiswa mahasiswi majikan maka makasi makasih makin maksud malah malam mamak mampu mana manfaat manga marah
    masa masak masalah masih masing masuk masyarakat mati matur maturnuwun mau maupun melapor melayani melewati
    melihat memang mending mengadu mentri menurut merah merasa merawat mereka mertua merusak mesin meski meter
    mewakili mi minggu minta miskin mobil moga mohon monggo mts mudah mulai muncul mundur mungkin murid musim nama
    namun nan nanti ndak negara negor nelayan ngapunten ngga nggak nggih nih nik nilai ninik no nomer nomor nongol
    note nuhun nuwun nya nyo oh oknum oleh ortu pabrik pada padahal padam padat pagi pakai pake paling palsu pamit
    panas panggil panitia panjang pantas para parah pas pasang pasar pasien pasti patah pecah pecat peduli pelajar
    pelapor pelayanan pembangunan pembeli pemda pemohon pengadu pengaduan pengembang pengendara penghulu penjual
    pensiun penting penuh penumpang penyuluh per percuma perihal perkenankan perlu pernah persis pertama perusahaan
    pesan petugas pihak pilih pindah pinggir pinjam pip pipa pohon pokoknya polantas pos posisi potong pribadi
    program proses proyek pukul puluhan pun pungli punya pusing putih rakyat ramai rancak rapat rapi rata rawan
    rencana resah resmi ribu ribut ringan roboh rombongan ruang rugi rumah rupiah rusak saat sabalun sabar sah saja
    sakit saksi salah salam salurkan sama sambil sampah sampai sana sang sangat sanggup santri saran sarato saudara
    sawah saya sdah sdh sdit sebab sebagai sebelah sebelum sebelumnya sebenarnya sebuah sebut secara sedang
    sedangkan sedih sedikit segera sehat sehingga sejak sekali sekarang sekian sekitar sekolah sekota selain selaku
    selalu selama selamat selesai seluruh semakin sembako sementara semoga semua semuanya sendiri sengaja seniman
    senin seorang seperti sepertinya sering serta sesuai setelah setiap setor setuju si sia sial siang siap siapa
    siapapun sibuk sidak silahkan silakan silungkang sim sini siram siswa situ sk skck skrg soal sopan sore staf
    status stempel stnk suara suatu sudah sudi suka sungai sungguh supaya surat susah sutet suwun sy sya taat
    tagihan tahu tahun tak takut tambah tampil tanah tanda tanggal tani tanpa tanya tapi tau tdak tdk tegas tegur
    telah telat telp teman tembok tembusan tempat temui tengah tentang terbit terhormat terima terimakasih terlalu
    ternyata tersebut tertera terus tetangga tetap tetapi tetep tgl tiang tiap tiba tidak tiga timbul tindak
    tinggal tinggi titik tlg tlong tmn to toh toilet tolong tong tp tpi trimakasih tua tuh tulis tunda tunggu tuo
    turun tutup tv uang uda udah ulama ulang umat umum umur undangan untuk urang urung urus usaha usg usia usul
    usut utang utk viral wa wajib wak waktu warga waris warung wassalam wassalamualaikum wb whatsapp wilayah wna
    wni wr ya yaitu yakni yang ybs yg yth
    """.split()
) | frozenset(
    # Kin, offices, organisations and kinds of place.
    """
    adik admin agustus ajudan anak anggota asn ayah balita bank bapak bapenda bappeda barat bayi baznas bca
    bendahara bkd bkpsdm blok blt bni bnn bnpt bos bpbd bpd bpjs bpk bpn bps bri bsi bst btn bumd bumdes bumn bunda
    bupati buruh caleg camat capil cucu cv desember dewan dinas dinkes dinsos direktur dirut disdik disdukcapil
    dishub diskominfo dispendik dispenduk dispendukcapil dkrth dlh dosen dpd dpr dprd dprkpp dukcapil dukuh dusun
    eropa februari gang gedung gereja gg gubernur guru hakim honorer hotel ibu ibunda igd imam istri jakarta jaksa
    jalan janda januari jembatan jorong jum'at jumat juru kabag kabid kabupaten kader kades kadin kadis kadus
    kajari kakak kakek kalak kamis kampung kampus kanit kantor kapolda kapolres kapolsek kapten karyawan kasat kasi
    kasubag kasus kav kavling keamanan kec kecamatan kejaksaan kejari kel kelompok kelurahan kementerian kepala
    kepling kepsek ketua komandan komisi komp komplek kompleks koordinator koperasi kordinator kota kpu kua lansia
    lapas lembaga lorong lpm lpmk lurah madrasah mall mama mami manajer mantan mantri maret masjid mbr mei menantu
    menteri mertua mpp msi mushola musholla muslim nagari negeri nenek november ogah oktober opd operator orang
    ortu osis padang panglima panti papa papi parkir pasar paud pd pdam pedagang pegawai pejabat pelabuhan
    pelaksana pemborong pemerintah pemilik pemkab pemko pemkot pemprov pemuda pemudi pendamping pengadilan pengawas
    pengelola penghulu pengurus penjabat penjaga penyandang perangkat perawat pertiwi perum perumahan perumda
    perumnas petani pimpinan pju pkh pkk pkl pln plt polda polisi polres polri polsek polwan pos posyandu pramuka
    presiden prov provinsi pt ptsp pu pulau pupr puskesmas pustu rabu rektor remaja republik rs rsu rsud rt rtrw
    ruko rusun rusunawa rw sabtu samsat sarpras satgas satpam satpol saudara sawahlunto sby sd sdn sekda sekdes
    sekretaris sekwan selasa selatan seluruh senin september simpang sma sman smk smkn smp smpn sopir spbe spbu
    spklu sppg staf staff stasiun suami sumatera sumbar supir surabaya surau tengah tentara terminal tetangga tim
    timur tk tni toko tokoh tpa tps tuan ud ugd universitas upt uptd ustad ustadz utara waduk wakil wali walikota
    wamen warga wartawan wawali yatim yayasan yth """.split()
)

# Given names common in West Sumatra and on Java that are no ordinary words: they alone are masked after "pak" and
# "bu" where the writing of capitals tells nothing.
GIVEN_NAMES = frozenset(
    """
    abdul abdullah abu aditya adrian afdal afrizal agus ahmad ahmat aisyah akmal alfian ali amelia amin aminah amir
    amran amrizal andi andika andri andrian ani anisa annisa anton anwar ardi ari arief arif arifin aris arman
    armen asep asnawi asril astuti aulia azhar azwar bachtiar bambang basri bayu bernard budi burhan cahyadi
    chandra citra darma darmawan darwis dasril deddy dedi deni desi desmawati dewi dian diana dicky dina dodi doni
    dwi edi edy efendi effendi eka eko elfi elvi endang eri erna erni erwin eva fadhil fadli fahmi faisal fajar
    farida fatimah fauzan fauzi febri ferdi feri ferry fitri fitriani gunawan gusman gusti hadi hamid hamzah
    handoko hanif harto hartono harun hasan hasanah hasnah hendra hendri heri herman hermawan heru husein husni
    ibrahim idris ikhsan ilham imran indra irfan irma irman irwan iskandar ismail iwan jafar jamal jamaluddin joko
    jufri juli juliana junaidi kartika kartini khairul kurnia kurniawan kusuma lestari lina lisa lukman maharani
    mahmud mansur maria marlina martha maryam mega melati mentari mira muchlis muhamad muhammad mukhlis mulyadi
    mulyono murni mursalin mustafa nanda nasir nasrul nia nina ningsih nofri nova novi novita nur nuraini nurhayati
    nurjanah nurul oktavia permata pratama priyo purnama purnomo puspita putra putri rahayu rahma rahmad rahman
    rahmat ramadhan ramli rani ratna reza rian ridwan rika rina rini rio riski rizal rizki rizky robi roni rosmaini
    rosna rudi ruslan rusli safri saiful salim samsul santi santoso sari sartika setiawan sinta siska siti slamet
    soleh sri sudirman sugeng suharto sukma sulaiman sumarni supardi supri suryadi suryani susanti susi sutan
    sutrisno suwarno syafri syafrizal syahrul syaiful syamsuddin syarif taufik teguh tika tini toni tri umar usman
    utami wahyu wahyudi wati wawan widodo wulandari yanti yanto yasin yeni yenni yetti yoga yogi yuliana yulianti
    yuni yunus yurnita yusuf zainal zakaria zubir zulfikar zulkifli
    """.split()
)
