"""The nine themes of the COMPOSITE study: key, label, definition, exclusion and colour.

References
----------
Denef, S., Kaptein, N., Bayerl, P. S., & Ramirez, L. (2012). *Best practice in police social media adaptation*.
COMPOSITE project. The themes and their order are the report's; the rules are version 2 of this project's codebook.
The colours are the "muted" scheme of Tol, P. (2021), *Colour schemes*, SRON/EPS/TN/09-002, safe for colour-blind
readers.
"""

from __future__ import annotations

from dataclasses import dataclass

CODEBOOK_VERSION = 2


@dataclass(frozen=True, slots=True)
class Theme:
    """One way in which police use social media.

    Attributes
    ----------
    key : str
        The column name of the theme in every table.
    label : str
        The name that readers see.
    short : str
        The name where there is little room.
    definition : str
        Completes "code it when the post …".
    exclusion : str
        Completes "do not code it when …".
    colour : str
        `#RRGGBB`, the same in every figure.
    """

    key: str
    label: str
    short: str
    definition: str
    exclusion: str
    colour: str


THEMES: tuple[Theme, ...] = (
    Theme(
        "criminal_information",
        "Source of criminal information",
        "Criminal information",
        "shows the police using online content as information or evidence: they examine, secure, monitor, investigate "
        "or have removed a video, post, chat, profile or advert that is already online; a suspect was traced or a "
        "case opened through social media or an online platform",
        "it asks the public to send something (wisdom of the crowd); it warns of online fraud (pushing information); "
        "it corrects a rumour and no more (having a voice)",
        "#332288",
    ),
    Theme(
        "voice",
        "Having a voice",
        "Voice",
        "speaks for the police as an institution: presents, verifies or opens an account; warns that someone poses as "
        "the police's account, site or sender; corrects a rumour or a media report; official statement, condolence, "
        "apology, reassurance or stance on a public debate; explains or defends police conduct; presents the "
        "institution itself: its units, training, ceremonies, leadership, history, anniversaries, campaigns of image",
        "it only reports the facts of an incident (pushing information); the person, not the institution, is the point "
        "(human side)",
        "#88CCEE",
    ),
    Theme(
        "push_information",
        "Pushing information",
        "Pushing information",
        "broadcasts one way: incident, arrest, seizure, court result, traffic, weather or event notice, operation "
        "under way, prevention or safety advice, victim-support lines, statistics, vacancy or recruitment",
        "the only content is an appeal, a reply, a joke, or which channel to use",
        "#44AA99",
    ),
    Theme(
        "wisdom_of_crowd",
        "Leveraging the wisdom of the crowd",
        "Wisdom of the crowd",
        "asks the public to contribute knowledge, material or searching: witnesses, missing or wanted persons, "
        "identify someone, owner of property, footage, tips, standing 'seen something? report it' calls, 'please "
        "share' for an appeal; or closes such an appeal ('found safe, thank you for sharing')",
        "it asks the public to behave in some way (pushing information) or asks for opinions (interacting); a bare "
        "contact line ends a notice",
        "#117733",
    ),
    Theme(
        "interaction",
        "Interacting with the public",
        "Interaction",
        "is one side of a dialogue with someone outside the police: replies to or addresses a user, answers a "
        "question, invites questions or opinions, holds a chat, poll or quiz, thanks named or tagged people or "
        "organisations outside the police for what they wrote or did",
        "it tags a colleague or another force (praise: human side); it thanks 'everyone'",
        "#999933",
    ),
    Theme(
        "community_policing",
        "Community policing",
        "Community policing",
        "shows local, relational police work: a neighbourhood team or officer and their patch; walkabout, street "
        "briefing, surgery, coffee morning, school or club visit, local event, stall or meeting, neighbourhood watch, "
        "local priorities, problem solving with residents or partners",
        "a place is named only as where an incident happened",
        "#DDCC77",
    ),
    Theme(
        "human_side",
        "Showing the human side",
        "Human side",
        "lets the reader see people (or animals) behind the badge: humour, feelings, a personal voice, life on shift, "
        "a police dog or horse as a character, colleagues honoured, awarded, mourned, retired, welcomed or "
        "congratulated, acts of kindness, rescues told for the people in them, greetings and wishes",
        "a neutral report merely names an officer or mentions a dog",
        "#CC6677",
    ),
    Theme(
        "it_infrastructure",
        "Supporting police IT infrastructure",
        "IT infrastructure",
        "treats a digital channel or system as part of how the police work: app, portal, online form, live chat, "
        "messaging or alert channel and how to use it; website, phone or emergency-number outage (or its end) and "
        "where to turn instead; a named platform, gallery, stream or video channel as the place where material is "
        "served; police technology (body-worn cameras, drones, scanners, radio, databases) presented as a system",
        "a link leads to more text of the same news; a tool appears only in passing; the channel is not the police's",
        "#882255",
    ),
    Theme(
        "efficiency",
        "Efficient policing",
        "Efficiency",
        "is about using police resources well: which number or channel to use and when not to call, nuisance or hoax "
        "calls, load on lines or staff, time, cost or staff saved, a quick result credited to sharing, social media "
        "or technology, replacing paper or station visits",
        "it reports results or routine daily figures; an ordinary witness's tip helped",
        "#AA4499",
    ),
)

THEME_KEYS: tuple[str, ...] = tuple(theme.key for theme in THEMES)
THEME: dict[str, Theme] = {theme.key: theme for theme in THEMES}
