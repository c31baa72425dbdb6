"""Parses one XML part of a zipped document: no entities, no network, no tree of unbounded size."""

from __future__ import annotations

from lxml import etree

from gongkai.documents.budget import check_markup
from gongkai.errors import DamagedDocumentError, LimitError
from gongkai.settings import Limits


def parse_xml(data: bytes, limits: Limits, where: str) -> etree._Element:
    """Return the root of an XML part.

    Raises:
        DamagedDocumentError: The XML is broken, or declares a document type, which no office program writes.
        LimitError: It has more tags, or nests deeper, than a document needs.
    """
    check_markup(data, limits, where)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
        huge_tree=False,
        collect_ids=False,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        if getattr(error, "code", None) == etree.ErrorTypes.ERR_RESOURCE_LIMIT:
            raise LimitError(
                "the XML nests too deep or holds too much in one place", where=where, found=str(error.msg)
            ) from error
        raise DamagedDocumentError(
            "the XML is broken", where=where, found=str(error.msg), do="open and save it with the program that made it"
        ) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise DamagedDocumentError(
            "the XML declares a document type", where=where, expected="none, as office programs write it"
        )
    return root
