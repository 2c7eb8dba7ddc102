"""What police use social media for: nine themes, ten countries, corrected estimates."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from composite.adoption.contrasts import compare_countries as compare_countries
    from composite.adoption.diffusion import estimate_curves as estimate_curves
    from composite.adoption.diffusion import fit_growth as fit_growth
    from composite.adoption.diffusion import measure_precedence as measure_precedence
    from composite.adoption.effects import explain_themes as explain_themes
    from composite.adoption.networks import measure_cooccurrence as measure_cooccurrence
    from composite.adoption.planning import plan_coding as plan_coding
    from composite.adoption.profiles import compare_profiles as compare_profiles
    from composite.adoption.profiles import group_profiles as group_profiles
    from composite.adoption.profiles import map_profiles as map_profiles
    from composite.adoption.ranks import rank_countries as rank_countries
    from composite.adoption.shares import estimate_shares as estimate_shares
    from composite.adoption.trends import estimate_trends as estimate_trends
    from composite.adoption.trends import find_changes as find_changes
    from composite.adoption.uptake import count_months as count_months
    from composite.adoption.uptake import find_uptake as find_uptake
    from composite.adoption.uptake import vary_uptake as vary_uptake
    from composite.codebook.contract import check_table as check_table
    from composite.codebook.contract import read_table as read_table
    from composite.codebook.countries import COUNTRIES as COUNTRIES
    from composite.codebook.tables import TABLES as TABLES
    from composite.codebook.themes import THEMES as THEMES
    from composite.errors import CompositeError as CompositeError
    from composite.errors import CompositeWarning as CompositeWarning
    from composite.posts.accounts import read_accounts as read_accounts
    from composite.posts.corpus import CORPUS as CORPUS
    from composite.posts.read import ReadResult as ReadResult
    from composite.posts.read import read_posts as read_posts
    from composite.posts.read import scan_posts as scan_posts
    from composite.posts.text import hash_text as hash_text
    from composite.posts.text import mask_posts as mask_posts
    from composite.report import figures as figures
    from composite.study import StudyResult as StudyResult
    from composite.study import run_study as run_study
    from composite.themes.classifier import ThemeClassifier as ThemeClassifier
    from composite.themes.coding import draw_coding_sample as draw_coding_sample
    from composite.themes.coding import make_coding_sheet as make_coding_sheet
    from composite.themes.coding import read_codings as read_codings
    from composite.themes.labelling import label_posts as label_posts
    from composite.themes.quality import measure_by_language as measure_by_language
    from composite.themes.quality import measure_quality as measure_quality
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
    "TABLES": "codebook.tables",
    "check_table": "codebook.contract",
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
    "mask_posts": "posts.text",
    "figures": "report.figures",
    "StudyResult": "study",
    "run_study": "study",
    "ThemeClassifier": "themes.classifier",
    "draw_coding_sample": "themes.coding",
    "make_coding_sheet": "themes.coding",
    "read_codings": "themes.coding",
    "label_posts": "themes.labelling",
    "measure_by_language": "themes.quality",
    "measure_quality": "themes.quality",
    "load_classifier": "themes.train",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'composite' has no attribute {name!r}")
    module = import_module(f"composite.{_HOME[name]}")
    return module if name == "figures" else getattr(module, name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
