"""One file for each process of the year."""

# Policy channels that no process reads yet: levers that act through them change nothing, and reports say so.
UNREAD = (
    "income_floor", "informal_rental", "insurance_enrolment", "land_follows_people", "permit_wait", "return_hukou", "rural_gap", "skill_upgrade",
    "vocational_access", "vocational_intake", "wage_skilled",
)  # fmt: skip
