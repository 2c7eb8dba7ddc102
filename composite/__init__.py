"""What police use social media for: nine themes, ten countries, corrected estimates."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # audiences, campaign days, networks and wording
    from composite.adoption.audience import collect_audience as collect_audience
    from composite.adoption.audience import measure_followers as measure_followers
    from composite.adoption.campaign_day import compare_campaign_day as compare_campaign_day
    from composite.adoption.campaigns import find_campaigns as find_campaigns
    from composite.adoption.campaigns import list_participants as list_participants
    from composite.adoption.campaigns import measure_participation as measure_participation
    from composite.adoption.contrasts import compare_countries as compare_countries
    from composite.adoption.diffusion import estimate_curves as estimate_curves
    from composite.adoption.diffusion import fit_growth as fit_growth
    from composite.adoption.diffusion import measure_precedence as measure_precedence
    from composite.adoption.effects import explain_themes as explain_themes
    from composite.adoption.engagement import measure_dialogue as measure_dialogue
    from composite.adoption.engagement import measure_engagement as measure_engagement
    from composite.adoption.growth import GrowthJudgement as GrowthJudgement
    from composite.adoption.growth import find_unusual_months as find_unusual_months
    from composite.adoption.growth import judge_growth as judge_growth
    from composite.adoption.growth import measure_growth as measure_growth
    from composite.adoption.mentions import link_mentions as link_mentions
    from composite.adoption.networks import Network as Network
    from composite.adoption.networks import measure_cooccurrence as measure_cooccurrence
    from composite.adoption.networks import write_network as write_network
    from composite.adoption.phrases import find_collocations as find_collocations
    from composite.adoption.phrases import find_in_context as find_in_context
    from composite.adoption.planning import plan_coding as plan_coding
    from composite.adoption.profiles import compare_profiles as compare_profiles
    from composite.adoption.profiles import group_profiles as group_profiles
    from composite.adoption.profiles import map_profiles as map_profiles
    from composite.adoption.ranks import rank_countries as rank_countries
    from composite.adoption.reach import measure_concentration as measure_concentration
    from composite.adoption.reach import measure_reach as measure_reach
    from composite.adoption.shares import estimate_shares as estimate_shares
    from composite.adoption.similarity import link_agencies as link_agencies
    from composite.adoption.theme_ties import link_themes as link_themes
    from composite.adoption.trends import estimate_trends as estimate_trends
    from composite.adoption.trends import find_changes as find_changes
    from composite.adoption.uptake import count_months as count_months
    from composite.adoption.uptake import find_uptake as find_uptake
    from composite.adoption.uptake import vary_uptake as vary_uptake
    from composite.adoption.wording import find_keywords as find_keywords
    from composite.codebook.contract import check_table as check_table
    from composite.codebook.contract import read_table as read_table
    from composite.codebook.countries import COUNTRIES as COUNTRIES
    from composite.codebook.crosswalk import SCHEMES as SCHEMES
    from composite.codebook.crosswalk import crosswalk as crosswalk
    from composite.codebook.examples import read_examples as read_examples
    from composite.codebook.rules import RULES as RULES
    from composite.codebook.tables import TABLES as TABLES
    from composite.codebook.themes import THEMES as THEMES
    from composite.errors import CompositeError as CompositeError
    from composite.errors import CompositeWarning as CompositeWarning
    from composite.posts.accounts import read_accounts as read_accounts
    from composite.posts.accounts import read_audience as read_audience
    from composite.posts.corpus import CORPUS as CORPUS
    from composite.posts.fetch import CORPORA as CORPORA
    from composite.posts.fetch import fetch_corpus as fetch_corpus
    from composite.posts.privacy import mask_posts as mask_posts
    from composite.posts.privacy import mask_text as mask_text
    from composite.posts.privacy import read_mask_key as read_mask_key
    from composite.posts.read import ReadResult as ReadResult
    from composite.posts.read import read_posts as read_posts
    from composite.posts.read import scan_posts as scan_posts
    from composite.posts.text import hash_text as hash_text
    from composite.report import figures as figures
    from composite.report.package import write_package as write_package
    from composite.study import StudyResult as StudyResult
    from composite.study import run_study as run_study
    from composite.themes.agreement import count_confusions as count_confusions
    from composite.themes.agreement import measure_agreement as measure_agreement
    from composite.themes.batches import LabelledFiles as LabelledFiles
    from composite.themes.batches import label_files as label_files
    from composite.themes.classifier import ThemeClassifier as ThemeClassifier
    from composite.themes.coding import draw_coding_sample as draw_coding_sample
    from composite.themes.coding import make_coding_sheet as make_coding_sheet
    from composite.themes.coding import read_codings as read_codings
    from composite.themes.desk import CodingDesk as CodingDesk
    from composite.themes.explain import draw_explanation as draw_explanation
    from composite.themes.explain import explain_post as explain_post
    from composite.themes.labelling import label_posts as label_posts
    from composite.themes.quality import measure_by_language as measure_by_language
    from composite.themes.quality import measure_quality as measure_quality
    from composite.themes.sheets import write_coding_files as write_coding_files
    from composite.themes.storage import load_model as load_model
    from composite.themes.storage import save_model as save_model
    from composite.themes.train import load_classifier as load_classifier

__version__ = "0.1.0"

# names are imported when first used: scikit-learn, statsmodels and pandera together take seconds to load
_HOME = {
    "compare_countries": "adoption.contrasts",
    "measure_cooccurrence": "adoption.networks",
    "rank_countries": "adoption.ranks",
    "estimate_shares": "adoption.shares",
    "count_months": "adoption.uptake",
    "find_uptake": "adoption.uptake",
    "vary_uptake": "adoption.uptake",
    "estimate_curves": "adoption.diffusion",
    "fit_growth": "adoption.diffusion",
    "measure_precedence": "adoption.diffusion",
    "explain_themes": "adoption.effects",
    "plan_coding": "adoption.planning",
    "compare_profiles": "adoption.profiles",
    "group_profiles": "adoption.profiles",
    "map_profiles": "adoption.profiles",
    "estimate_trends": "adoption.trends",
    "find_changes": "adoption.trends",
    "COUNTRIES": "codebook.countries",
    "RULES": "codebook.rules",
    "SCHEMES": "codebook.crosswalk",
    "TABLES": "codebook.tables",
    "check_table": "codebook.contract",
    "crosswalk": "codebook.crosswalk",
    "read_examples": "codebook.examples",
    "read_table": "codebook.contract",
    "THEMES": "codebook.themes",
    "CompositeError": "errors",
    "CompositeWarning": "errors",
    "CORPUS": "posts.corpus",
    "ReadResult": "posts.read",
    "read_accounts": "posts.accounts",
    "read_posts": "posts.read",
    "scan_posts": "posts.read",
    "hash_text": "posts.text",
    "figures": "report.figures",
    "StudyResult": "study",
    "run_study": "study",
    "count_confusions": "themes.agreement",
    "measure_agreement": "themes.agreement",
    "LabelledFiles": "themes.batches",
    "label_files": "themes.batches",
    "ThemeClassifier": "themes.classifier",
    "CodingDesk": "themes.desk",
    "draw_coding_sample": "themes.coding",
    "make_coding_sheet": "themes.coding",
    "read_codings": "themes.coding",
    "draw_explanation": "themes.explain",
    "explain_post": "themes.explain",
    "label_posts": "themes.labelling",
    "write_coding_files": "themes.sheets",
    "measure_by_language": "themes.quality",
    "measure_quality": "themes.quality",
    "load_model": "themes.storage",
    "save_model": "themes.storage",
    "load_classifier": "themes.train",
    # audiences, campaign days, networks and wording
    "collect_audience": "adoption.audience",
    "measure_followers": "adoption.audience",
    "measure_growth": "adoption.growth",
    "find_unusual_months": "adoption.growth",
    "judge_growth": "adoption.growth",
    "GrowthJudgement": "adoption.growth",
    "measure_reach": "adoption.reach",
    "measure_concentration": "adoption.reach",
    "read_audience": "posts.accounts",
    "find_campaigns": "adoption.campaigns",
    "list_participants": "adoption.campaigns",
    "measure_participation": "adoption.campaigns",
    "compare_campaign_day": "adoption.campaign_day",
    "Network": "adoption.networks",
    "link_themes": "adoption.theme_ties",
    "write_network": "adoption.networks",
    "link_agencies": "adoption.similarity",
    "link_mentions": "adoption.mentions",
    "measure_engagement": "adoption.engagement",
    "measure_dialogue": "adoption.engagement",
    "find_keywords": "adoption.wording",
    "find_collocations": "adoption.phrases",
    "find_in_context": "adoption.phrases",
    # public corpora and privacy
    "CORPORA": "posts.fetch",
    "fetch_corpus": "posts.fetch",
    "mask_posts": "posts.privacy",
    "mask_text": "posts.privacy",
    "read_mask_key": "posts.privacy",
    "write_package": "report.package",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'composite' has no attribute {name!r}")
    module = import_module(f"composite.{_HOME[name]}")
    return module if name == "figures" else getattr(module, name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
