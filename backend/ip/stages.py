"""How far a technology has come: five stages in words, nine readiness levels, and how one follows from the other."""

from backend.core.marking import N_
from backend.ip.vocabulary import Vocabulary


class Stage(Vocabulary):
    CONCEPT = "concept", N_("Concept")
    UNDER_DEVELOPMENT = "under_development", N_("Under development")
    LAB_TESTED = "lab_tested", N_("Tested in the laboratory")
    DEMONSTRATION = "demonstration", N_("Ready to demonstrate")
    ON_MARKET = "on_market", N_("Already on the market")


TRL: dict[int, str] = {
    1: N_("The basic principle has been observed."),
    2: N_("The idea of a use has been written down."),
    3: N_("A first experiment shows that the idea can work."),
    4: N_("The parts work together in the laboratory."),
    5: N_("It was tested in conditions close to real use."),
    6: N_("A prototype was shown in conditions close to real use."),
    7: N_("A prototype works where it will really be used."),
    8: N_("The finished product has been tested and approved."),
    9: N_("It is in everyday use."),
}

_STAGE_TRLS: dict[Stage, tuple[int, int]] = {
    Stage.CONCEPT: (1, 2),
    Stage.UNDER_DEVELOPMENT: (3, 3),
    Stage.LAB_TESTED: (4, 5),
    Stage.DEMONSTRATION: (6, 8),
    Stage.ON_MARKET: (9, 9),
}


def stage_of_trl(trl: int) -> Stage:
    """The stage a technology readiness level (1-9) falls in; ValueError outside."""
    for stage, (low, high) in _STAGE_TRLS.items():
        if low <= trl <= high:
            return stage
    raise ValueError(f"no technology readiness level {trl}")


def trl_range(stage: Stage) -> tuple[int, int]:
    """Lowest and highest readiness level of a stage, both included."""
    return _STAGE_TRLS[stage]
