"""The methods by their keys: what is listed here is fitted, compared and reported."""

from mixedmodel.model.em import EM
from mixedmodel.model.method import Method
from mixedmodel.model.mfvi import MFVI

METHODS: dict[str, Method] = {method.key: method for method in (EM, MFVI)}
