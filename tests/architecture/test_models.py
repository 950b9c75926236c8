"""Tables belong to one domain each, and nothing in them refers to another's."""

from django.apps import apps
from django.core.checks import run_checks

DOMAIN_MODELS = [
    model
    for model in apps.get_models()
    if model.__module__.startswith("domains.") and not model._meta.proxy
]


def test_there_are_models_to_look_at():
    assert len(DOMAIN_MODELS) > len({model._meta.app_label for model in DOMAIN_MODELS})


def test_no_relation_leaves_its_app():
    leaving = [
        f"{model._meta.label}.{field.name}"
        for model in DOMAIN_MODELS
        for field in model._meta.get_fields()
        if isinstance(field.related_model, type) and not field.auto_created
        if field.related_model._meta.app_label != model._meta.app_label
    ]
    # Django's own permissions live beside the account model, in the schema of auth.
    assert set(leaving) <= {"domains_auth.Account.groups", "domains_auth.Account.user_permissions"}


def test_every_model_names_its_table_without_the_schema():
    unnamed = [m._meta.label for m in DOMAIN_MODELS if "db_table" not in m._meta.original_attrs]
    prefixed = [m._meta.label for m in DOMAIN_MODELS if m._meta.db_table.startswith("domains_")]
    assert unnamed == prefixed == []


def test_every_model_is_named_by_its_domain():
    strangers = [m for m in DOMAIN_MODELS if m._meta.app_label != f"domains_{_domain(m)}"]
    assert strangers == []


def test_the_system_checks_find_nothing():
    assert [m for m in run_checks() if not m.is_silenced()] == []


def _domain(model):
    return model.__module__.split(".")[1]
