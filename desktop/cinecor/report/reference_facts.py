"""Values beside their reference ranges, as `results.json` holds them."""

from cinecor.measure.reference.comparison import Comparison, ReferenceBook
from cinecor.measure.reference.table import Papillary
from cinecor.measure.regional.function import RegionalFunction
from cinecor.report.fact import fact, said_fact
from cinecor.report.results import OLDEST_TOLD, ReferenceFact, ReferenceFacts, ReferenceGroup
from cinecor.review import Review, ReviewResult
from cinecor.review.comparisons import comparisons

_DECIMALS = 3


def reference_facts(
    review: Review, result: ReviewResult, regional: RegionalFunction | None, *, book: ReferenceBook
) -> ReferenceFacts:
    """Return the comparisons of a review as a file holds them."""
    found = tuple(comparisons(review, result, regional, book=book))
    person = review.body.person
    cautions = {
        **{caution.code: caution for one in found for caution in one.cautions},
        **{f"unusable:{name}": message for name, message in book.told.items()},
    }
    return ReferenceFacts(
        sex=None if person.sex is None else person.sex.value,
        age_years=None if person.age_years is None else min(person.age_years, OLDEST_TOLD),
        comparisons=[_comparison(one) for one in found],
        cautions={key: str(caution) for key, caution in cautions.items()},
        caution_facts={key: said_fact(caution) for key, caution in cautions.items()},
    )


def _comparison(one: Comparison) -> ReferenceFact:
    row = next(iter(one.groups or one.table.of(one.measure)), None)  # None where the chosen table cannot be used
    return ReferenceFact(
        measure=one.measure.key,
        value=round(one.value, _DECIMALS),
        verdict=one.verdict.value,
        lower=one.lower,
        upper=one.upper,
        depends_on=list(one.depends_on),
        table=one.table.id,
        source="" if row is None else row.source,
        papillary=(Papillary.NOT_STATED if row is None else row.papillary).value,
        rv_outflow=None if row is None or row.rv_outflow is None else row.rv_outflow.value,
        field_strength="" if row is None else row.field_strength,
        groups=[
            ReferenceGroup(
                sex=None if group.sex is None else group.sex.value,
                age_from=group.age_from,
                age_to=group.age_to,
                lower=group.lower,
                upper=group.upper,
                kind=group.kind,
            )
            for group in one.groups
        ],
        cautions=[caution.code for caution in one.cautions],
        why=None if one.why is None else str(one.why),
        why_fact=None if one.why is None else fact(one.why),
        doubtful=one.doubtful,
    )
