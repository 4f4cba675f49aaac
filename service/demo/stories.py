"""What becomes of each report of the demo: who says what of it, where it goes, when it is answered, and how.

Pure: a story is told from the report, the planted truths and chance. It only says what people do and when; whether
that is legal, and what follows from it, is for the jobs of the service.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Final

from model.taxonomy import NO_ELEMENT
from service.demo import truths
from service.demo.acts import Act, Calling, Doing, Found, Saying, Step, World
from service.demo.authored import (
    OF_MISLED,
    OF_MISTAKEN,
    OF_OUTSIDERS,
    OF_REOPENING,
    TO_INCOMPLETE,
    TO_REJECTED,
)
from service.demo.cast import ADMIN, OVERSEER, TRIAGE, name_liaison
from service.demo.dating import Sent
from service.handling import states
from service.handling.clock import WIB
from service.routing import ACCUSATION, EMERGENCY, INSPECTORATE

_NO_REPORT: Final = "bukan-laporan"
_THANKS: Final = "apresiasi"
# Of kinds that have replies of their own, whatever the topic.
_KINDS_WITH_REPLIES: Final = (_THANKS, "aspirasi", "permintaan-informasi")
# Median working days an office takes, and how much longer or shorter for each kind.
_DAYS: Final = {EMERGENCY: 0.5, "tinggi": 2.5, "sedang": 5.5, "rendah": 6.5}
_FACTOR: Final = {"permintaan-informasi": 0.45, "aspirasi": 1.2, _THANKS: 0.4, ACCUSATION: 4.5}
_SPREAD: Final = 0.6
# How often something happens, of one where it may.
_BY_SECOND_CLERK: Final = 0.3
_SEEN_LATE: Final = 0.08
_LABELLED_WHOLE: Final = 0.82
_VERIFIED: Final = 0.3
_REJECTED: Final = 0.35
_ASKED: Final = 0.06
_COMPLETED: Final = 0.7
_BEGUN: Final = 0.45
_CLOSED: Final = 0.5
_STUCK: Final = 0.03
_STUCK_WHERE_SLOW: Final = 0.15
_RECENT: Final = timedelta(days=90)
# Before an emergency is told a second time.
_IN_TIME: Final = (3, 13)
_LATE: Final = (22, 55)
# Escalation is looked for every ten seconds.
_SECOND_CALL: Final = timedelta(minutes=15, seconds=8)


@dataclass(slots=True)
class _Story:
    """A story while it is told: ``at`` is when the last act was."""

    world: World
    sent: Sent
    found: Found
    chance: Random
    at: datetime
    steps: list[Step] = field(default_factory=list)

    @property
    def clerk(self) -> str:
        """Who of the triage office works on it."""
        about = {self.sent.authored.about, self.found.about}
        if self.sent.authored.kind != ACCUSATION:
            return TRIAGE[self.happens(_BY_SECOND_CLERK)]
        is_own = not about.isdisjoint({INSPECTORATE, self.world.triage_office})
        return ADMIN if is_own or self.found.restriction == ADMIN else OVERSEER

    def add(self, login: str, act: Act) -> None:
        """Let somebody act now."""
        self.steps.append(Step(self.at, self.found.feedback_id, login, act))

    def work(self, median: float, spread: float = _SPREAD) -> None:
        """Let working days pass: half the time more than the median, half the time less."""
        self.at = self.world.worktime.after(self.at, median * self.chance.lognormvariate(0, spread))
        self.at += timedelta(seconds=self.chance.randrange(1, 600))

    def happens(self, share: float) -> bool:
        """Whether something happens that does in such a share of stories."""
        return self.chance.random() < share

    def say(self, to: str) -> str:
        """An authored reply."""
        return self.chance.choice(self.world.replies[to])

    @property
    def day(self) -> date:
        """The day of the last act."""
        return self.at.astimezone(WIB).date()


def tell(world: World, sent: Sent, found: Found) -> list[Step]:
    """All that happens with a report up to the end of the history, in order."""
    if sent.is_unseen:
        return []
    story = _Story(world, sent, found, world.order.chance("story", sent.authored.id), sent.received_at)
    _begin(story)
    if sent.authored.kind == _NO_REPORT:
        story.add(story.clerk, Doing(states.ARCHIVED))
    elif sent.authored.agency in world.external and sent.authored.kind != ACCUSATION:
        _send_out(story)
    elif _ask(story):
        _hand_over(story)
    return [step for step in story.steps if step.at <= world.order.now]


def _begin(story: _Story) -> None:
    """A person reads it: an emergency within minutes, all else within days."""
    authored, chance = story.sent.authored, story.chance
    if authored.urgency == EMERGENCY or story.found.is_alarmed:
        is_late = story.happens(_SEEN_LATE)
        if is_late:
            story.steps.append(Step(story.at + _SECOND_CALL, story.found.feedback_id, ADMIN, Calling()))
        story.at += timedelta(minutes=chance.uniform(*(_LATE if is_late else _IN_TIME)))
    else:
        story.work(0.12 if authored.urgency == "tinggi" else 0.4, 0.8)
    clerk = _find_reader(story)
    is_whole = story.happens(_LABELLED_WHOLE) or story.sent.is_of_incident
    is_whole = is_whole or story.found.restriction is not None or story.found.is_alarmed
    story.add(clerk, Saying(_list_labels(story, is_whole=is_whole)))
    if authored.urgency == EMERGENCY:
        story.at += timedelta(seconds=50)
        story.add(story.clerk, Doing(states.ACKNOWLEDGED))
    elif story.happens(_VERIFIED):
        story.at += timedelta(minutes=1)
        story.add(story.clerk, Doing(states.VERIFIED))
    story.at += timedelta(minutes=chance.uniform(2, 20))


def _find_reader(story: _Story) -> str:
    """Who reads it first: what may be an accusation, those who may see one."""
    return {None: story.clerk, ADMIN: ADMIN}.get(story.found.restriction, OVERSEER)


def _list_labels(story: _Story, *, is_whole: bool) -> dict[str, str]:
    """What triage says; of a report that goes astray it does not say whose it is."""
    authored = story.sent.authored
    values = {"agency": _find_owner(story)}
    if _is_misled(story):
        values = {}
    if is_whole or authored.urgency == EMERGENCY or not values:
        values |= {"kind": authored.kind, "topic": authored.topic, "urgency": authored.urgency}
        if authored.kind == "pengaduan":
            values["aspect"] = authored.aspect or NO_ELEMENT
    return values


def _find_owner(story: _Story) -> str:
    """Whose it is at that time."""
    authored = story.sent.authored
    is_before = story.day < story.world.planted.moved_on
    return truths.MOVED_FROM if authored.topic == truths.MOVED_TOPIC and is_before else authored.agency


def _is_misled(story: _Story) -> bool:
    """Whether it goes to an office first that gives it back; always the same of one report."""
    authored = story.sent.authored
    chance = story.world.order.chance("misled", authored.id)
    if authored.topic == truths.MISLED_TOPIC:
        return chance.random() < truths.MISLED_SHARE
    is_ordinary = authored.kind != ACCUSATION and authored.urgency not in {EMERGENCY, "tinggi"}
    return is_ordinary and authored.agency in story.world.city and chance.random() < truths.MISTAKEN_SHARE


def _send_out(story: _Story) -> None:
    """What is another's: sent there and answered by triage, or rejected by name."""
    story.work(0.3)
    if not any(isinstance(step.act, Doing) and step.act.type == states.VERIFIED for step in story.steps):
        story.add(story.clerk, Doing(states.VERIFIED))
        story.at += timedelta(minutes=3)
    agency = story.sent.authored.agency
    if story.happens(_REJECTED):
        story.add(story.clerk, Doing(states.REJECTED, agency, public_reply=story.say(TO_REJECTED)))
        return
    story.add(story.clerk, Doing(states.COORDINATED, agency))
    story.work(6)
    story.add(story.clerk, Doing(states.ANSWERED, public_reply=story.say(OF_OUTSIDERS)))


def _ask(story: _Story) -> bool:
    """Ask a few reporters for what is missing; whether the report goes on."""
    if story.sent.authored.kind != "pengaduan" or story.sent.authored.urgency == EMERGENCY:
        return True
    if not story.happens(_ASKED):
        return True
    story.add(story.clerk, Doing(states.ASKED, public_reply=story.say(TO_INCOMPLETE)))
    is_completed = story.happens(_COMPLETED)
    story.work(2 if is_completed else 11)
    story.add(story.clerk, Doing(states.COMPLETED if is_completed else states.ARCHIVED))
    story.at += timedelta(minutes=story.chance.uniform(5, 90))
    return is_completed


def _hand_over(story: _Story) -> None:
    owner = _find_owner(story)
    if _is_misled(story):
        owner = _lead_astray(story)
    if owner in story.world.external or story.sent.authored.kind == ACCUSATION:
        _dispose(story, owner)
        _answer(story, owner, story.clerk)
        return
    _dispose(story, owner)
    if owner == truths.MOVED_FROM and story.sent.authored.topic == truths.MOVED_TOPIC:
        owner = _reorganise(story, owner)
    _answer(story, owner, name_liaison(owner))


def _dispose(story: _Story, agency: str) -> None:
    unit = None
    if agency == story.world.local_offices:
        named = {story.sent.authored.village, story.sent.authored.about} & {*story.world.villages}
        unit = min(named) if named else story.chance.choice(story.world.villages)
    story.add(story.clerk, Doing(states.DISPOSED, agency, unit))


def _lead_astray(story: _Story) -> str:
    """The wrong office has it for days and gives it back; triage says then whose it is."""
    authored = story.sent.authored
    if authored.topic == truths.MISLED_TOPIC:
        wrong, reply, days = truths.MISLED_OFFICE, OF_MISLED, 3.0
    else:
        others = [slug for slug in story.world.city if slug not in {authored.agency, story.world.local_offices}]
        wrong, reply, days = story.chance.choice(others), OF_MISTAKEN, 1.5
    story.add(story.clerk, Doing(states.DISPOSED, wrong))
    story.work(days)
    story.add(name_liaison(wrong), Doing(states.RETURNED, note=story.say(reply)))
    story.work(0.3)
    owner = _find_owner(story)
    story.add(story.clerk, Saying({"agency": owner}))
    story.at += timedelta(minutes=4)
    return owner


def _reorganise(story: _Story, owner: str) -> str:
    """What is open on the day on which a task moves to another office, moves with it."""
    moved_on = story.world.planted.moved_on
    began, ends = story.at, story.world.worktime.after(story.at, _DAYS[story.sent.authored.urgency])
    if not began.astimezone(WIB).date() < moved_on <= ends.astimezone(WIB).date():
        return owner
    at_midnight = datetime(moved_on.year, moved_on.month, moved_on.day, tzinfo=WIB)
    story.at = story.world.worktime.after(at_midnight, 0.1)
    story.add(story.clerk, Doing(states.DISPOSED, truths.MOVED_TO))
    return truths.MOVED_TO


def _answer(story: _Story, owner: str, login: str) -> None:
    """The office works on it, answers, closes it; a few come back."""
    authored = story.sent.authored
    median = _find_median(story, owner)
    if _is_stuck(story, owner):
        return
    if authored.kind != _THANKS and story.happens(_BEGUN):
        story.work(median * 0.25)
        story.add(login, Doing(states.IN_PROGRESS))
        median *= 0.75
    story.work(median)
    reply = authored.kind if authored.kind in _KINDS_WITH_REPLIES else authored.topic
    public_reply = story.say(f"@{reply}" if reply in _KINDS_WITH_REPLIES else reply)
    story.add(login, Doing(states.ANSWERED, public_reply=public_reply))
    if authored.kind == "pengaduan" and story.happens(truths.REOPENED_SHARE):
        story.work(3)
        story.add(story.clerk, Doing(states.REOPENED, note=story.say(OF_REOPENING)))
        story.work(median * 0.7)
        story.add(login, Doing(states.ANSWERED, public_reply=story.say(authored.topic)))
    if story.happens(_CLOSED):
        story.work(2)
        story.add(login, Doing(states.DONE))


def _find_median(story: _Story, owner: str) -> float:
    """Working days the office takes half the time."""
    authored, planted = story.sent.authored, story.world.planted
    days = _DAYS[authored.urgency] * _FACTOR.get(authored.kind, 1.0)
    own = story.world.order.chance("office", owner).uniform(0.85, 1.15)
    if owner == truths.SLOW_OFFICE:
        own = truths.SLOW_FACTOR
    elif owner == truths.REFORMED_OFFICE:
        own = truths.BEFORE_REFORM if story.day < planted.reformed_on else truths.AFTER_REFORM
    return days * own


def _is_stuck(story: _Story, owner: str) -> bool:
    """Some of the last months lie where nobody works on them, more in the slow office."""
    age = story.world.order.now - story.sent.received_at
    share = _STUCK_WHERE_SLOW if owner == truths.SLOW_OFFICE else _STUCK
    return age < _RECENT and story.happens(share)
