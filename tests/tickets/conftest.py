"""The standing cast of these tests, and the product that their incidents are about."""

from __future__ import annotations

import pytest
from django.test import Client

from licences.models import Product
from tests.factories.cast import Cast, make_cast
from tests.factories.licences import make_licence, make_product
from tests.tickets.pages import signed_in


@pytest.fixture
def cast() -> Cast:
    """Alice and Bob of one company, Charlie of another, Inès and Marc of ours."""
    return make_cast()


@pytest.fixture
def revit(cast: Cast) -> Product:
    """A product that Alice's company has a licence of."""
    product = make_product(name="Revit")
    make_licence(cast.company, product=product)
    return product


@pytest.fixture
def alice(cast: Cast) -> Client:
    """Alice signed in, at the instant that the test has stopped its clock at."""
    return signed_in(cast.alice)
