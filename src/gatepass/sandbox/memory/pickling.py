"""Pickling what moto remembers, some of which does not pickle by itself."""

from __future__ import annotations

import io
import pickle
import threading
import weakref
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_der_private_key

_LOCKS = {type(threading.Lock()): threading.Lock, type(threading.RLock()): threading.RLock}

Factory = Callable[[], object]


class _MotoPickler(pickle.Pickler):
    """Knows the locks, keys and dictionaries that moto's services hold."""

    def reducer_override(self, value: object) -> Any:  # noqa: ANN401 - the many forms that pickle takes
        """Return how to make a value again, or leave it to pickle."""
        if type(value) in _LOCKS:
            return _LOCKS[type(value)], ()
        if isinstance(value, RSAPrivateKey | EllipticCurvePrivateKey | Ed25519PrivateKey):
            der = value.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
            return _private_key, (der,)
        if isinstance(value, weakref.WeakValueDictionary):
            return weakref.WeakValueDictionary, (dict(value),)
        if isinstance(value, defaultdict):
            # Those of moto's own classes are made in ways of their own; their content is what counts.
            factory = _kept_factory(value.default_factory) if value.default_factory else None
            return (
                _empty,
                (type(value), factory),
                vars(value) if hasattr(value, "__dict__") else None,
                None,
                iter(dict(value).items()),
            )
        return NotImplemented


def pickled(value: object) -> bytes:
    """Pickle a value.

    Raises:
        PicklingError, TypeError, AttributeError: it cannot be pickled.
    """
    target = io.BytesIO()
    _MotoPickler(target).dump(value)
    return target.getvalue()


def _private_key(der: bytes) -> object:
    return load_der_private_key(der, None)


def _empty(kind: type[defaultdict[object, object]], factory: Factory | None) -> defaultdict[object, object]:
    made = kind.__new__(kind)
    defaultdict.__init__(made, factory)
    return made


def _kept_factory(factory: Factory) -> Factory:
    """Return a factory that makes the same and can be pickled, which a lambda cannot."""
    if isinstance(factory, type):
        return factory
    sample = factory()
    if isinstance(sample, defaultdict) and sample.default_factory is not None:
        return partial(defaultdict, _kept_factory(sample.default_factory))
    return type(sample)
