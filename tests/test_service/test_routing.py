import pytest

from model.places import parse_gazetteer
from model.prediction import About, Alarm, HeadPrediction, Place, Prediction
from service.routing import Router

GAZETTEER = parse_gazetteer(
    """code,name,kind,parent,variants,ordinary_noun,verified,source
13.73,Sawahlunto,kota,13,sawahlunto,false,true,test
13.73.04,Talawi,kecamatan,13.73,talawi,false,true,test
13.73.04.2001,Talawi Hilie,desa,13.73.04,talawi hilie,false,true,test
""",
    "test",
)
ROUTER = Router(GAZETTEER, {"pln"}, "diskominfo")


def predict(agency="dinas-pupr", decision="auto", kind="pengaduan", urgency="sedang", text="text", **more):
    labels = {"agency": agency, "kind": kind, "urgency": urgency}
    heads = {head: HeadPrediction(label, 0.9, decision, 0.8, None, ()) for head, label in labels.items()}
    return Prediction("b", "t", text, heads, **more)


def raise_alarm(label):
    return (Alarm(label, "watch", "threshold", 0.3, 0.2, None),)


def test_what_the_classifier_is_sure_of_goes_by_itself():
    route = ROUTER.route(predict())
    assert (route.agency, route.decision, route.alarm, route.restriction) == ("dinas-pupr", "auto", None, None)


def test_nothing_leaves_the_city_without_a_person():
    assert ROUTER.route(predict("pln")).decision == "suggest"


def test_a_local_matter_goes_to_the_office_of_its_place():
    place = Place("13.73.04.2001", "Talawi Hilie", (0, 4), ambiguous=False)
    route = ROUTER.route(predict("kecamatan-kelurahan-desa", places=(place,)))
    assert (route.unit, route.decision) == ("13.73.04.2001", "auto")


def test_a_local_matter_without_a_place_is_for_a_person():
    route = ROUTER.route(predict("kecamatan-kelurahan-desa"))
    assert (route.unit, route.decision) == (None, "human")


@pytest.mark.parametrize(
    "prediction",
    [predict(kind="pengaduan-pengawasan"), predict(alarms=raise_alarm("pengaduan-pengawasan"))],
    ids=["by its kind", "by an alarm"],
)
def test_a_possible_accusation_is_shut_away_and_left_to_a_person(prediction):
    route = ROUTER.route(prediction)
    assert (route.decision, route.restriction) == ("human", "oversight")


@pytest.mark.parametrize("accused", ["inspektorat", "diskominfo"])
def test_an_accusation_of_those_who_would_read_it_is_for_admins(accused):
    accusation = predict(kind="pengaduan-pengawasan", about=About(accused, None))
    assert ROUTER.route(accusation).restriction == "admin"
    assert ROUTER.route(predict(kind="pengaduan-pengawasan"), accused).restriction == "admin"


@pytest.mark.parametrize("level", ["urgent", "watch"])
def test_an_emergency_is_as_loud_as_its_alarm(level):
    alarms = (Alarm("darurat", level, "threshold", 0.3, 0.2, None),)
    assert ROUTER.route(predict(alarms=alarms)).alarm == level
    assert ROUTER.route(predict()).alarm is None


@pytest.mark.parametrize(
    ("text", "restriction"),
    [
        ("oknum inspektorat minta uang supaya temuan dihapus", "admin"),
        ("ado urang dari kantor Inspektorat nan mamintak pitih", "admin"),
        ("mohon inspektorat memeriksa lurah kami", "oversight"),
        ("oknum lurah sudah kami laporkan ke inspektorat", "oversight"),
    ],
)
def test_who_accuses_people_of_the_inspectorate_is_not_read_by_them(text, restriction):
    assert ROUTER.route(predict(kind="pengaduan-pengawasan", text=text)).restriction == restriction


@pytest.mark.parametrize(("level", "restriction"), [("watch", None), ("urgent", "oversight")])
def test_an_emergency_is_shut_away_for_an_accusation_only_when_it_is_a_plain_one(level, restriction):
    alarms = (
        Alarm("darurat", "urgent", "rule", 0.3, 0.2, "parang"),
        Alarm("pengaduan-pengawasan", level, "threshold", 0.3, 0.2, None),
    )
    assert ROUTER.route(predict(alarms=alarms)).restriction == restriction
