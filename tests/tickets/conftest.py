"""The standing cast of these tests, and the product that their incidents are about."""

from __future__ import annotations

import pytest

from licences.models import Product
from tests.factories.cast import Cast, make_cast
from tests.factories.licences import make_licence, make_product


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
