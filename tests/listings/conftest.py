from tests.publication.conftest import listing, published, verbs_of  # noqa: F401
