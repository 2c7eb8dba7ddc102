"""The decision rules of the codebook, for where two themes meet, and the rule of the primary theme."""

from __future__ import annotations

from dataclasses import dataclass

from composite.codebook.themes import THEME_KEYS


@dataclass(frozen=True, slots=True)
class Rule:
    """A decision rule: its title, and what it says.

    Attributes
    ----------
    title, text : str
    themes : tuple of str
        The themes that it tells apart.
    """

    title: str
    text: str
    themes: tuple[str, ...]


CRIMINAL, VOICE, PUSH, CROWD, INTERACTION, COMMUNITY, HUMAN, IT, EFFICIENCY = THEME_KEYS

RULES: tuple[Rule, ...] = (
    Rule(
        "Notice with an appeal",
        "Any request for information names wisdom of the crowd. Add pushing information only if the post also reports "
        "what the appeal does not need (an arrest, the state of a case, 'no wider threat', advice). Primary: what the "
        "headline or first sentence does.",
        (CROWD, PUSH),
    ),
    Rule(
        "An appeal's result",
        "'The missing girl is found. Thanks for sharing!' is wisdom of the crowd. 'Wanted man arrested', with no word "
        "of the appeal or of help, is pushing information. A description of a wanted or missing person without an "
        "explicit request is wisdom of the crowd.",
        (CROWD, PUSH),
    ),
    Rule(
        "Replies",
        "A reply is interaction. It is also pushing information only if it gives facts that readers other than the "
        "addressee could use. 'Thank you', 'DM us' is interaction alone.",
        (INTERACTION, PUSH),
    ),
    Rule(
        "Replies that route",
        "'We can't take reports here, call 101' is interaction and efficiency (a refusal, a choice of numbers or load "
        "must be named); add IT infrastructure where it points to an online form, portal or live chat; never pushing "
        "information. 'Please call the emergency number' said to one user is interaction alone. The primary of a reply "
        "is interaction.",
        (INTERACTION, EFFICIENCY, IT),
    ),
    Rule(
        "Which channel",
        "'Call 101, keep 999 for emergencies' is efficiency alone. 'Report it online / by live chat' as the point of "
        "the post is IT infrastructure; add efficiency if time, queues or demand are named. An outage is IT "
        "infrastructure alone.",
        (EFFICIENCY, IT),
    ),
    Rule(
        "Content that circulates online",
        "Examining, securing or investigating it: criminal information (and voice if the post also reassures or "
        "corrects). Only 'we are aware, this is not true': voice. A video of the police's own conduct: voice alone, "
        "unless a crime is investigated. 'Send us your footage': wisdom of the crowd.",
        (CRIMINAL, VOICE, CROWD),
    ),
    Rule(
        "Fraud",
        "Posing as the police's account, site or sender: voice and, with advice, pushing information, which is then "
        "primary. Fraud of any other kind, a false officer at the door included: pushing information.",
        (VOICE, PUSH),
    ),
    Rule(
        "'Do not spread rumours'",
        "This is pushing information; with a concrete rumour corrected, voice.",
        (PUSH, VOICE),
    ),
    Rule(
        "Statements",
        "Facts with regret, condolence, stance or reassurance in words are voice and pushing information. Advice in a "
        "firm tone is not a stance.",
        (VOICE, PUSH),
    ),
    Rule(
        "Funny notice",
        "Human side and pushing information; primary pushing information if a reader could act on it or learn an event "
        "from it.",
        (HUMAN, PUSH),
    ),
    Rule(
        "Rescue or gallant act",
        "Pushing information; add human side if it is told with feeling, praise, or for the people in it.",
        (PUSH, HUMAN),
    ),
    Rule(
        "Honours and memory",
        "Award, farewell, promotion, memorial of colleagues: human side alone; condolence or commemoration for others: "
        "voice. Anniversary, ceremony, unit portrait, training, new building or vehicle: voice. Another force welcomed "
        "or praised: human side.",
        (HUMAN, VOICE),
    ),
    Rule(
        "Local events",
        "An invitation to a coming one: community policing and pushing information, the first primary. A past one: "
        "community policing. Patrol by a neighbourhood team: community policing; by a traffic or response unit: "
        "pushing information. An action of a neighbourhood team that is also news (closure order, arrest): both, "
        "community policing primary if the team speaks.",
        (COMMUNITY, PUSH),
    ),
    Rule(
        "Recruitment",
        "Recruitment is pushing information; one officer's or recruit's story, human side, and both if it recruits.",
        (PUSH, HUMAN),
    ),
    Rule(
        "Figures",
        "Routine daily or yearly counts, calls included, are pushing information; efficiency only if load, waste or "
        "saving is the point.",
        (PUSH, EFFICIENCY),
    ),
    Rule(
        "Platform as venue",
        "'Pictures on our Flickr', 'watch our live stream', 'follow our WhatsApp channel' are IT infrastructure; "
        "'more: [link]' and a bare label ('GALLERY |') are nothing. A third party's service counts only where the "
        "police take calls or reports through it.",
        (IT,),
    ),
    Rule(
        "Greetings, logs, campaign days",
        "Greetings ('Good morning, Lille!') are human side. A log entry ('22:14 fight at …') is pushing information. "
        "The announcement of a campaign day (#poltwt, 24-hour log) is voice; its posts are coded each for what they "
        "do.",
        (HUMAN, PUSH, VOICE),
    ),
    Rule("Fragments", "Code what the words support; if nothing, none.", ()),
)

PRIMARY_ORDER: tuple[str, ...] = (
    CRIMINAL,
    IT,
    EFFICIENCY,
    CROWD,
    INTERACTION,
    HUMAN,
    VOICE,
    COMMUNITY,
    PUSH,
)
PRIMARY_RULE = (
    "The one purpose that a reader would name first: as a rule what the headline or the first sentence does. Only "
    "where two remain equal, the rarer and more specific wins, in this order: "
)
