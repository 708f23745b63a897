"""Whether a chain of certificates ends at one that we trust. RFC 5280, the parts that ISO 15118's profiles use.

The library's own verification is made for web servers: it wants host names, which neither cars nor stations have.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from cryptography import x509
from cryptography.exceptions import InvalidSignature

LENGTH_MAX = 6
CHECKS_MAX = 64  # signatures tried for one path
# What a certificate may insist on that we understand; anything else critical makes it unusable (RFC 5280, 4.2).
_UNDERSTOOD = {
    x509.BasicConstraints.oid,
    x509.KeyUsage.oid,
    x509.ExtendedKeyUsage.oid,
    x509.SubjectAlternativeName.oid,
    x509.CertificatePolicies.oid,
    x509.AuthorityKeyIdentifier.oid,
    x509.SubjectKeyIdentifier.oid,
    x509.CRLDistributionPoints.oid,
    x509.AuthorityInformationAccess.oid,
}


class PathError(Exception):
    """The chain proves nothing."""


class PathExpiredError(PathError):
    """It would prove something at another time."""


def build(
    leaf: x509.Certificate,
    between: Sequence[x509.Certificate],
    roots: Sequence[x509.Certificate],
    now: dt.datetime,
) -> list[x509.Certificate]:
    """Return the path from the leaf to a trusted certificate, both included. Raises PathError.

    The order of `between` does not matter. What is wrong with the first path that fits by names and signatures is
    told; where the only fault is a date, it is PathExpiredError.
    """
    found = _checked([leaf], between, roots)
    _check_usage(leaf)
    _check_dates(found, now)
    return found


def build_authority(
    issuer: x509.Certificate,
    between: Sequence[x509.Certificate],
    roots: Sequence[x509.Certificate],
    now: dt.datetime,
) -> list[x509.Certificate]:
    """Return the path from an authority that signs leaves to a trusted certificate. Raises PathError."""
    found = _checked([issuer], between, roots, below=1)
    _check_authority(issuer, below=0)
    _check_dates(found, now)
    return found


def _checked(
    start: list[x509.Certificate],
    between: Sequence[x509.Certificate],
    roots: Sequence[x509.Certificate],
    *,
    below: int = 0,
) -> list[x509.Certificate]:
    found = _climb(start, between, roots, [CHECKS_MAX])
    if found is None:
        raise PathError("no_trusted_issuer")
    for index, certificate in enumerate(found):
        if any(each.critical and each.oid not in _UNDERSTOOD for each in certificate.extensions):
            raise PathError("critical_extension")
        if index:
            _check_authority(certificate, below=index - 1 + below)
    return found


def _check_dates(found: Sequence[x509.Certificate], now: dt.datetime) -> None:
    for certificate in found:
        if now > certificate.not_valid_after_utc:
            raise PathExpiredError("expired")
        if now < certificate.not_valid_before_utc:
            raise PathExpiredError("not_yet_valid")


def _climb(
    path: list[x509.Certificate],
    between: Sequence[x509.Certificate],
    roots: Sequence[x509.Certificate],
    left: list[int],
) -> list[x509.Certificate] | None:
    top = path[-1]
    if top in roots:
        return path
    if len(path) >= LENGTH_MAX:
        return None
    for issuer in (*roots, *between):
        if issuer in path or issuer.subject != top.issuer:
            continue
        left[0] -= 1
        if left[0] < 0:  # ten certificates of one name and key sign each other in a hundred thousand ways
            raise PathError("too_many_paths")
        if signed(top, by=issuer):
            further = _climb([*path, issuer], between, roots, left)
            if further is not None:
                return further
    return None


def signed(certificate: x509.Certificate, *, by: x509.Certificate) -> bool:
    """Whether `by` has signed it, by name and by signature."""
    try:
        certificate.verify_directly_issued_by(by)
    except (ValueError, TypeError, InvalidSignature):
        return False
    except Exception:  # noqa: BLE001  # algorithms that the library has none for
        return False
    return True


def _check_authority(certificate: x509.Certificate, *, below: int) -> None:
    """Raise unless it may sign certificates, with so many authorities below it."""
    try:
        basic = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound as error:
        raise PathError("issuer_is_no_authority") from error
    if not basic.ca or (basic.path_length is not None and basic.path_length < below):
        raise PathError("issuer_is_no_authority")
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return
    if not usage.key_cert_sign:
        raise PathError("issuer_may_not_sign")


def _check_usage(leaf: x509.Certificate) -> None:
    try:
        if leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            raise PathError("leaf_is_an_authority")
    except x509.ExtensionNotFound:
        pass
    try:
        if not leaf.extensions.get_extension_for_class(x509.KeyUsage).value.digital_signature:
            raise PathError("leaf_may_not_sign")
    except x509.ExtensionNotFound:
        pass
