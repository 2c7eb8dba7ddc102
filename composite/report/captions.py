"""What every exhibit is called, and how to read it."""

from __future__ import annotations

TITLES: dict[str, str] = {
    "shares": "What the police of each country post about",
    "methods": "The shares by each method",
    "agencies": "The agencies with most posts to judge by",
    "kinds": "What each kind of account posts about",
    "differences": "Which countries differ from the others",
    "ranks": "Which country leads, and which ranks are open",
    "profiles": "Which countries have like profiles",
    "uptake": "How themes spread among agencies",
    "cooccurrence": "Which themes go together",
    "months": "Posts per month",
    "quality": "How well the classifier does",
    "languages": "How the classifier does by language",
    "agreement": "How well coders agree",
    "confusions": "What coders disagree on",
    "followers": "Followers of police accounts",
    "unusual": "Months of unusual growth",
    "reach": "Followers per inhabitant",
    "concentration": "How few accounts have most followers",
    "campaign_map": "Who took part in the campaign day",
    "participation": "The campaign day by country",
    "campaign_themes": "What was different on the campaign day",
    "engagement": "What the public answers to",
    "dialogue": "How much the police reply",
    "theme_ties": "Themes that go together unlike chance",
    "communities": "Agencies that use social media alike",
    "actors": "Which accounts talk with which",
    "keywords": "The words of each theme",
}

# `{level}` and `{few}` stand for the level of the intervals in per cent, and for the number of coded posts below which
# an estimate is grey
CAPTIONS: dict[str, str] = {
    "shares": (
        "Share of posts with each theme, in per cent, with the {level} % interval below it. A post can have several"
        " themes, so rows do not sum to 100. Italic: fewer than {few} coded posts. * fewer than five agencies: the "
        "interval is for the posts of these agencies only."
    ),
    "methods": (
        "Naive: counting the classifier's labels. Coded: only the posts that were coded. Corrected: all posts, with "
        "the classifier's errors taken out. Where naive lies outside the corrected interval, counting labels "
        "misleads. Hollow marks and dotted lines: too few agencies for an interval over agencies. Grey: fewer than "
        "{few} coded posts."
    ),
    "agencies": (
        "As the first figure, for single agencies with at least {few} coded posts (posts, without codings). Intervals"
        " are for the posts of each agency."
    ),
    "kinds": (
        "As the first figure, for corporate, neighbourhood, officer and unit accounts of all countries together. * "
        "fewer than five agencies: the interval is for the posts of these agencies only."
    ),
    "differences": (
        "Each country's share minus the mean of the others, in percentage points. Thick: {level} % intervals for one "
        "row each; thin: for all rows of all panels at once. Filled marks stay told apart from zero after Holm's "
        "adjustment over all rows; at the margin the intervals for all rows at once may say otherwise. Dotted: these "
        "agencies only."
    ),
    "ranks": (
        "Each country's rank by corrected share (1: highest), and the ranks that the data allow at {level} %: thin, "
        "for all rows of all panels at once; thick, for one row by itself. A country leads, and its mark is filled, "
        "only where no other rank is allowed in all rows at once. Dotted: ranks of these agencies' posts only."
    ),
    "profiles": (
        "Correspondence analysis of the countries' nine shares: countries in one direction from the middle have the "
        "same themes more than others, and a theme lies towards the countries that have it more. Lines: {level} % "
        "intervals of the countries along each axis; those of the themes are in the table."
    ),
    "uptake": (
        "Share of each country's agencies that have adopted a theme (at least two posts with it, with a probability "
        "of 0.9), by months since the agency's first post; agencies whose posts end count as long as they are seen "
        "(Kaplan–Meier), and lines are level from where fewer than three are left. Bars at the end: {level} % "
        "intervals, in the order of the heights; codes of countries stand beside them."
    ),
    "cooccurrence": (
        "Of the posts with the theme of the row, the per cent that also have the theme of the column, with the {level} "
        "% interval over agencies below it, all countries together: coded posts, weighted by the inverse of their "
        "probability of being drawn (labels, without codings). n: posts with the theme, and how many equally weighted "
        "posts they are worth if fewer; grey and italic below {few} of these. * fewer than five agencies: the interval "
        "is for their posts only."
    ),
    "months": (
        "Number of posts in each calendar month (UTC): a count of what was collected, so without an interval. Posts "
        "without a date are left out. Heights differ between panels."
    ),
    "quality": (
        "On coded posts that it did not see: the share of its labels that coders share (precision), the share of "
        "coders' themes that it finds (recall), and F1, with {level} % intervals over agencies. Dotted: fewer than five"
        " agencies, so the interval is for these posts only. n: coded posts with the theme; grey below {few}. A theme "
        "that it never labels has no precision."
    ),
    "languages": (
        "Of the coded posts of a language that have the theme, the share that the classifier finds (sensitivity), "
        "with the {level} % interval. Hollow and dotted: fewer than five agencies, so the interval is for these posts"
        " only. Grey: fewer than {few} such posts; a language without a post of the theme has no "
        "mark."
    ),
    "agreement": (
        "Krippendorff's alpha of the coders, theme by theme, with {level} % intervals (bootstrap; where coders never "
        "disagreed, what so many posts can show): 1 is always, 0 is as by chance. Dotted: 0.667 and 0.8, "
        "Krippendorff's lowest bounds for tentative and for firm conclusions. In brackets: codes that give the theme; "
        "grey or *: fewer than {few}. Where alpha stands by language, its intervals are in the table."
    ),
    "confusions": (
        "Of the times that one coder gave the theme of the row, the per cent in which another coder did not, and gave"
        " the theme of the column, which the first did not; the last column: and gave nothing that the first did not."
        " Below it the {level} % interval, for these coders on posts like these; italic: of fewer than {few} times. An "
        "empty cell: never; how often it may happen is in the table."
    ),
    "followers": (
        "Followers of the accounts that are known, at the beginning of each month, on straight lines between counts "
        "and never beyond them: counts of what is known, so without intervals. Dotted: accounts joined, or are no "
        "longer known. In brackets: most accounts known. Heights differ between panels."
    ),
    "unusual": (
        "Growth of followers against the month before, of the accounts known in both. Filled: unlike the country's "
        "own twelve months before (robust z; of the months so marked about one in twenty is expected to be chance, "
        "Benjamini–Hochberg). Growth is counted and has no interval: how much it varies is what the mark is judged by."
    ),
    "reach": (
        "A dot is an agency, counted and so without an interval; an upright bar is the median of its country, the line "
        "across it the {level} % interval of that median for agencies like these (none for fewer than six). Who "
        "follows two accounts of an agency counts twice."
    ),
    "concentration": (
        "Gini coefficient of followers over accounts, and share of followers of the tenth of accounts with most "
        "(rounded up), with {level} % intervals for accounts of agencies like these (dotted: fewer than five agencies, "
        "so for accounts like these of theirs). The share of the largest account is that of the one known and has none."
    ),
    "campaign_map": (
        "Agencies that used the hashtag on the day, and those that did not, at their seats: who took part was seen and "
        "not estimated."
    ),
    "participation": "Share of agencies that took part, with the {level} % interval for agencies like these.",
    "campaign_themes": (
        "Shares of themes in all posts of the agencies that took part, on the day (filled diamonds) and on others "
        "(hollow), for the eye; what is judged is the difference, right, with its {level} % interval, which leaves out "
        "one agency at a time. Filled dots: told apart from zero after Holm's adjustment over the nine themes."
    ),
    "engagement": (
        "How many times as many reposts, likes and replies a post with the theme has as one without, with the same "
        "other themes, country and number of followers (negative binomial model, {level} % intervals clustered by "
        "agency). Filled: told apart from 1 after Holm's adjustment. Grey: fewer than {few} posts with the theme."
    ),
    "dialogue": (
        "Share of posts that are replies, with the {level} % interval over agencies. Hollow: too few agencies for one."
    ),
    "theme_ties": (
        "Correlation of two themes over posts, within agencies, with {level} % intervals over agencies. 0: as often "
        "together as the agencies' use of each makes likely. Bold: told apart from that after Holm's adjustment "
        "(permutation within agencies)."
    ),
    "communities": (
        "Communities of agencies by their use of the nine themes: mean probability of each theme, in per cent. "
        "Stability: how far an agency is again with the same others when its posts are resampled, 1 if always; it "
        "tells how sure the communities are. The means have no intervals, since the communities were made from them. "
        "Letters: country and number of agencies."
    ),
    "actors": (
        "Mentions between police accounts, counted in the posts that were collected and so without intervals. The "
        "larger a mark, the more shortest paths between others lead over the account; those with most have a number, "
        "and their names stand below. Each country has a shape, and its marks stand on one side of their point."
    ),
    "keywords": (
        "Words that mark posts with the theme among all posts of the language (log odds ratio with an informative "
        "prior), the clearest first; function words and handles are left out. Bold: told apart after Holm's "
        "adjustment over all words of theme and language; the intervals of the ratios are in the table."
    ),
}
