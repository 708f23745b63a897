"""What makes a path no path, one fault at a time."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from tests.certificates.pki import DAY, NOW, Ca, name
from zaryad.certificates import path
from zaryad.certificates.authority import usage

ODD = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4.5"), b"\x05\x00")


def made(common: str, key: Any, by: Any, by_key: Any, *extensions: tuple[Any, bool]) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(common))
        .issuer_name(by)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - DAY)
        .not_valid_after(NOW + DAY)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(by_key, SHA256())


CA = x509.BasicConstraints(ca=True, path_length=None)
MAY = usage(key_cert_sign=True)
LEAF = x509.BasicConstraints(ca=False, path_length=None)


@pytest.mark.parametrize(
    ("middle", "leaf", "why"),
    [
        ([(CA, True), (MAY, True)], [(LEAF, True)], None),
        ([(CA, True)], [], None),
        ([(LEAF, True), (MAY, True)], [(LEAF, True)], "issuer_is_no_authority"),
        ([(MAY, True)], [(LEAF, True)], "issuer_is_no_authority"),
        ([(CA, True), (usage(digital_signature=True), True)], [(LEAF, True)], "issuer_may_not_sign"),
        ([(CA, True), (MAY, True), (ODD, True)], [(LEAF, True)], "critical_extension"),
        ([(CA, True), (MAY, True), (ODD, False)], [(LEAF, True), (ODD, False)], None),
        ([(CA, True), (MAY, True)], [(LEAF, True), (ODD, True)], "critical_extension"),
        ([(CA, True), (MAY, True)], [(CA, True)], "leaf_is_an_authority"),
        ([(CA, True), (MAY, True)], [(usage(key_agreement=True), True)], "leaf_may_not_sign"),
    ],
)
def test_each_certificate_of_a_path_may_be_where_it_is(middle: Any, leaf: Any, why: str | None) -> None:
    root, middle_key, leaf_key = (
        Ca("root"),
        ec.generate_private_key(ec.SECP256R1()),
        ec.generate_private_key(ec.SECP256R1()),
    )
    between = made("middle", middle_key, root.name, root.key, *middle)
    end = made("leaf", leaf_key, between.subject, middle_key, *leaf)
    if why is None:
        assert path.build(end, [between], [root.certificate], NOW) == [end, between, root.certificate]
        return
    with pytest.raises(path.PathError, match=why):
        path.build(end, [between], [root.certificate], NOW)


def test_no_more_authorities_than_one_allows() -> None:
    root = Ca("root")
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(3)]
    narrow = x509.BasicConstraints(ca=True, path_length=0)
    first = made("first", keys[0], root.name, root.key, (narrow, True))
    second = made("second", keys[1], first.subject, keys[0], (CA, True))
    leaf = made("leaf", keys[2], second.subject, keys[1])
    with pytest.raises(path.PathError, match="issuer_is_no_authority"):
        path.build(leaf, [first, second], [root.certificate], NOW)
    with pytest.raises(path.PathError, match="issuer_is_no_authority"):
        path.build_authority(second, [first], [root.certificate], NOW)
    assert path.build_authority(first, [], [root.certificate], NOW)


def test_circles_and_long_chains_end() -> None:
    cas = [Ca("a0")]
    for number in range(1, 12):
        cas.append(Ca(f"a{number}", cas[-1]))
    leaf, _ = cas[-1].leaf("leaf")
    between = [each.certificate for each in cas[1:]]
    with pytest.raises(path.PathError, match="no_trusted_issuer"):
        path.build(leaf, between, [cas[0].certificate], NOW)
    key = ec.generate_private_key(ec.SECP256R1())
    knot = [made("same", key, name("same"), key, (CA, True)) for _ in range(10)]
    with pytest.raises(path.PathError, match="too_many_paths"):
        path.build(made("leaf", key, name("same"), key), knot, [cas[0].certificate], NOW)
    same = [Ca("same") for _ in range(3)]
    with pytest.raises(path.PathError, match="no_trusted_issuer"):
        path.build(same[0].leaf("x")[0], [each.certificate for each in same], [cas[0].certificate], NOW)
