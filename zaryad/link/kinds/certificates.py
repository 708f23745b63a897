"""Orders about certificates at a station."""

from __future__ import annotations

from typing import Literal

from zaryad.link.kinds.base import Order
from zaryad.link.kinds.tokens import CertificateHash

CertificateUse = Literal["station", "v2g", "v2g20"]  # what a station's own certificate is for
RootUse = Literal["csms_root", "manufacturer_root", "v2g_root", "mo_root", "oem_root", "v2g_chain"]


class InstallCertificate(Order, frozen=True, tag="install_certificate"):
    """InstallCertificate: a root, in PEM. 1.6 has csms_root and manufacturer_root."""

    use: RootUse
    certificate: str


class DeleteCertificate(Order, frozen=True, tag="delete_certificate"):
    """DeleteCertificate, by the hashes that the station itself told.

    `use`: which list it was told in; 1.6 keeps those of V2G apart.
    """

    hash: CertificateHash
    use: RootUse | None = None


class ListCertificates(Order, frozen=True, tag="list_certificates"):
    """GetInstalledCertificateIds; none given: all kinds (1.6 needs one)."""

    uses: tuple[RootUse, ...] = ()


class GiveCertificate(Order, frozen=True, tag="give_certificate"):
    """CertificateSigned: a station's own certificate with its chain, in PEM, leaf first; at most 10,000 characters."""

    chain: str
    use: CertificateUse = "station"
    request: int | None = None  # 2.1: the request that asked for it
