"""Answers of eID-Servers, as the guideline shows them and as servers differ from it."""

from sk.auth.eid.wsse import SOAP
from sk.xml import Element, parse

PSEUDONYM = "01a4fb509cebc6595151a4fb5f9c75c6fe01a4fb59cb655a4fb5f9c75c6fee00"
OK = "http://www.bsi.bund.de/ecard/api/1.1/resultmajor#ok"
RESULT_OK = f"<dss:Result><ResultMajor>\n   {OK}\n  </ResultMajor></dss:Result>"
PERSONAL_DATA = """
<eid:PersonalData>
  <eid:DocumentType>ID</eid:DocumentType>
  <eid:IssuingState>D</eid:IssuingState>
  <eid:DateOfExpiry>2029-10-31</eid:DateOfExpiry>
  <eid:GivenNames>ERIKA</eid:GivenNames>
  <eid:FamilyNames>MUSTERMANN</eid:FamilyNames>
  <eid:ArtisticName/>
  <eid:AcademicTitle></eid:AcademicTitle>
  <eid:DateOfBirth><eid:DateString>19640812</eid:DateString><eid:DateValue>1964-08-12</eid:DateValue></eid:DateOfBirth>
  <eid:PlaceOfBirth><eid:FreetextPlace>BERLIN</eid:FreetextPlace></eid:PlaceOfBirth>
  <eid:Nationality>D</eid:Nationality>
  <eid:BirthName>GABLER</eid:BirthName>
  <eid:PlaceOfResidence>
    <eid:StructuredPlace>
      <eid:Street>HEIDESTRAẞE 17</eid:Street>
      <eid:City>KÖLN</eid:City>
      <eid:Country>D</eid:Country>
      <eid:ZipCode>51147</eid:ZipCode>
    </eid:StructuredPlace>
  </eid:PlaceOfResidence>
  <eid:RestrictedID><eid:ID>
     01A4FB509CEBC6595151A4FB5F9C75C6FE01A4FB59CB655A4FB5F9C75C6FEE00
  </eid:ID></eid:RestrictedID>
</eid:PersonalData>"""
LEVEL = "<eid:LevelOfAssuranceResult>http://bsi.bund.de/eID/LoA/hoch</eid:LevelOfAssuranceResult>"
EID_TYPE = "<eid:EIDTypeResponse><eid:CardCertified>USED</eid:CardCertified></eid:EIDTypeResponse>"


def body(text: str) -> Element:
    """Return a Body that holds an answer."""
    return parse(
        f'<soapenv:Body xmlns:soapenv="{SOAP.uri}" xmlns:eid="http://bsi.bund.de/eID/" '
        f'xmlns:dss="urn:oasis:names:tc:dss:1.0:core:schema">{text}</soapenv:Body>'.encode()
    )


def get_result(*replaced: tuple[str, str], more: str = f"{LEVEL}{EID_TYPE}") -> Element:
    """Return the answer that tells of Erika's card, with some of it replaced."""
    personal = PERSONAL_DATA
    for before, after in replaced:
        assert before in personal
        personal = personal.replace(before, after)
    return body(f"<eid:getResultResponse>{personal}{more}{RESULT_OK}</eid:getResultResponse>")
