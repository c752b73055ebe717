"""The columns of a portfolio file: what they are called, in Vietnamese and English, and how they are read.

`docs/import.md` is the same table for people; a test holds the two together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.accounts.rules import Product
from app.errors import Invalid
from app.portfolio.cells import fold
from app.portfolio.rejected import extra_places

PHONE_COLUMNS: Final = 5


class Kind(StrEnum):
    """How a cell is read."""

    CODE = "CODE"  # an identifier: kept as text, refused when Excel shortened it
    TEXT = "TEXT"
    CHOICE = "CHOICE"
    AMOUNT = "AMOUNT"
    DATE = "DATE"
    WHOLE = "WHOLE"
    PHONES = "PHONES"  # one number, or several in one cell
    NATIONAL_ID = "NATIONAL_ID"
    ZONE = "ZONE"  # of the IANA's names, such as America/Chicago
    WORDS = "WORDS"  # several words of a closed list


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `aliases` are other headers it is known by, folded (no marks, lower case)."""

    name: str
    kind: Kind
    aliases: tuple[str, ...] = ()
    required: bool = False
    limit: int = 200
    choices: str = ""


def _labels() -> dict[str, str]:
    words = {
        "MOBILE": "mobile di dong",
        "HOME": "home nha nha rieng",
        "WORK": "work co quan cong ty",
        "OTHER": "other khac",
        "RELATIVE": "relative me bo cha vo chong con mother father wife husband spouse",
        "REFERENCE": "reference tham chieu ban be friend",
        "EMPLOYER": "employer",
    }
    found = {word: code for code, line in words.items() for word in line.split()}
    return found | {"di dong": "MOBILE", "nha rieng": "HOME", "co quan": "WORK", "cong ty": "WORK",
                    "nguoi than": "RELATIVE", "tham chieu": "REFERENCE", "ban be": "REFERENCE",
                    "noi lam viec": "EMPLOYER", "nguoi su dung lao dong": "EMPLOYER"}  # fmt: skip


CHOICES: Final[dict[str, dict[str, str]]] = {
    "product": {
        **{fold(product): product for product in Product},
        "vay mua nha": "MORTGAGE", "the chap": "MORTGAGE", "mua nha": "MORTGAGE", "home loan": "MORTGAGE",
        "vay mua xe": "AUTO", "mua xe": "AUTO", "o to": "AUTO", "oto": "AUTO", "car loan": "AUTO",
        "vay tieu dung": "PERSONAL", "tieu dung": "PERSONAL",
        "tin chap": "PERSONAL", "personal loan": "PERSONAL",
        "the tin dung": "CREDIT_CARD", "the": "CREDIT_CARD", "card": "CREDIT_CARD",
        "hoa don": "UTILITY", "hoa don dich vu": "UTILITY", "khac": "OTHER",
    },
    "customer_type": {
        "individual": "INDIVIDUAL", "ca nhan": "INDIVIDUAL", "kh ca nhan": "INDIVIDUAL",
        "organization": "ORGANIZATION", "organisation": "ORGANIZATION", "company": "ORGANIZATION",
        "to chuc": "ORGANIZATION", "doanh nghiep": "ORGANIZATION", "cong ty": "ORGANIZATION",
    },
    "salutation": {
        "anh": "ANH", "chi": "CHI", "ong": "ONG", "ba": "BA", "em": "EM", "mr": "MR", "ms": "MS",
        "mrs": "MS", "none": "NONE",
    },
    "language": {
        "vi": "vi", "vn": "vi", "tieng viet": "vi", "viet": "vi", "vietnamese": "vi",
        "en": "en", "tieng anh": "en", "anh": "en", "english": "en",
    },
    "method": {
        "bank transfer": "BANK_TRANSFER", "transfer": "BANK_TRANSFER", "chuyen khoan": "BANK_TRANSFER",
        "cash": "CASH", "tien mat": "CASH",
        "card": "CREDIT_CARD", "credit card": "CREDIT_CARD", "the": "CREDIT_CARD",
        "qr": "QR", "vietqr": "QR", "ma qr": "QR", "e wallet": "E_WALLET", "ewallet": "E_WALLET",
        "wallet": "E_WALLET", "vi dien tu": "E_WALLET", "momo": "E_WALLET", "zalopay": "E_WALLET",
        "cheque": "CHEQUE", "check": "CHEQUE", "sec": "CHEQUE",
    },
    "consent": {
        "given": "GIVEN", "yes": "GIVEN", "co": "GIVEN", "dong y": "GIVEN",
        "withdrawn": "WITHDRAWN", "no": "WITHDRAWN", "khong": "WITHDRAWN", "rut lai": "WITHDRAWN",
        "khong dong y": "WITHDRAWN",
    },
    "risk": {
        "low": "LOW", "thap": "LOW", "medium": "MEDIUM", "trung binh": "MEDIUM",
        "high": "HIGH", "cao": "HIGH", "critical": "CRITICAL", "rat cao": "CRITICAL",
    },
    "label": _labels(),
    "handling": {
        "vip": "VIP", "staff": "STAFF", "nhan vien": "STAFF", "legal sensitive": "LEGAL_SENSITIVE",
        "phap ly": "LEGAL_SENSITIVE", "media": "MEDIA", "bao chi": "MEDIA",
        "vulnerable": "VULNERABLE", "yeu the": "VULNERABLE",
    },
}  # fmt: skip
"""Words that are understood, folded, per closed list."""


_FIRST_PHONE: Final = (
    "phone", "dien thoai", "so dien thoai", "sdt", "mobile", "di dong", "dtdd", "tel",
)  # fmt: skip
_NUMBERED_PHONES: Final = ("phone", "dien thoai", "so dien thoai", "sdt", "mobile")


def _phones() -> tuple[Column, ...]:
    columns = []
    for n in range(1, PHONE_COLUMNS + 1):
        first = _FIRST_PHONE if n == 1 else ()
        numbered = tuple(f"{word}{gap}{n}" for word in _NUMBERED_PHONES for gap in (" ", ""))
        columns.append(Column(f"phone_{n}", Kind.PHONES, (*first, *numbered)))
        columns.append(
            Column(
                f"phone_{n}_label", Kind.CHOICE,
                (f"loai dien thoai {n}", f"loai so {n}", f"phone label {n}"), choices="label",
            )
        )  # fmt: skip
    return tuple(columns)


COLUMNS: Final = (
    Column(
        "cif",
        Kind.CODE,
        ("ma khach hang", "ma kh", "customer id", "customer no", "customer number", "so cif"),
        required=True,
        limit=40,
    ),
    Column(
        "customer_name",
        Kind.TEXT,
        (
            "ho ten",
            "ho va ten",
            "ten khach hang",
            "ten kh",
            "khach hang",
            "name",
            "full name",
            "customer",
        ),
        required=True,
        limit=120,
    ),
    Column(
        "customer_type",
        Kind.CHOICE,
        ("loai khach hang", "loai kh", "type"),
        choices="customer_type",
    ),
    Column("salutation", Kind.CHOICE, ("xung ho", "danh xung", "title"), choices="salutation"),
    Column("language", Kind.CHOICE, ("ngon ngu",), choices="language"),
    Column("segment", Kind.TEXT, ("phan khuc",), limit=60),
    Column(
        "province",
        Kind.TEXT,
        ("tinh", "tinh thanh", "tinh thanh pho", "thanh pho", "city"),
        limit=80,
    ),
    Column("district", Kind.TEXT, ("quan", "quan huyen", "huyen"), limit=80),
    Column("timezone", Kind.ZONE, ("mui gio", "time zone")),
    Column("birth_date", Kind.DATE, ("ngay sinh", "date of birth", "dob", "born on")),
    Column(
        "national_id",
        Kind.NATIONAL_ID,
        ("cccd", "so cccd", "can cuoc", "cmnd", "so giay to", "id number"),
    ),
    Column("tax_code", Kind.CODE, ("ma so thue", "mst", "tax id"), limit=20),
    Column("risk", Kind.CHOICE, ("muc rui ro", "rui ro", "risk class"), choices="risk"),
    Column(
        "special_handling", Kind.WORDS, ("xu ly dac biet", "luu y dac biet"), choices="handling"
    ),
    Column("handling_instruction", Kind.TEXT, ("huong dan xu ly", "ghi chu xu ly"), limit=500),
    Column("consent", Kind.CHOICE, ("dong y goi", "dong y lien he"), choices="consent"),
    Column(
        "consent_source",
        Kind.TEXT,
        ("nguon dong y", "can cu dong y", "source of consent"),
        limit=120,
    ),
    *_phones(),
    Column("phones", Kind.PHONES, ("cac so dien thoai", "danh sach dien thoai", "all phones")),
    Column(
        "account_no",
        Kind.CODE,
        (
            "so hop dong",
            "so khoan vay",
            "so tai khoan",
            "ma khoan vay",
            "hop dong",
            "loan no",
            "loan number",
            "account",
            "account number",
            "contract no",
        ),
        required=True,
        limit=40,
    ),
    Column(
        "product",
        Kind.CHOICE,
        ("san pham", "loai vay", "loai san pham"),
        required=True,
        choices="product",
    ),
    Column("currency", Kind.CODE, ("loai tien", "tien te", "don vi tien", "ccy"), limit=3),
    Column("principal", Kind.AMOUNT, ("so tien vay", "goc", "goc ban dau", "principal amount")),
    Column(
        "outstanding",
        Kind.AMOUNT,
        ("du no", "tong du no", "outstanding amount", "balance", "outstanding balance"),
        required=True,
    ),
    Column("overdue", Kind.AMOUNT, ("so tien qua han", "no qua han", "qua han", "overdue amount")),
    Column(
        "due_amount",
        Kind.AMOUNT,
        ("so tien phai tra", "phai tra", "so tien den han", "amount due", "due"),
    ),
    Column(
        "next_due_on",
        Kind.DATE,
        ("ngay den han", "ngay den han tiep theo", "han thanh toan", "next due date", "due date"),
    ),
    Column(
        "oldest_unpaid_on",
        Kind.DATE,
        (
            "ngay qua han lau nhat",
            "ngay bat dau qua han",
            "ngay qua han",
            "oldest unpaid due date",
            "overdue since",
        ),
    ),
    Column("dpd", Kind.WHOLE, ("so ngay qua han", "days past due")),
    Column(
        "opened_on",
        Kind.DATE,
        ("ngay giai ngan", "ngay mo", "opened", "opening date", "disbursed on"),
    ),
    Column(
        "last_payment_on",
        Kind.DATE,
        ("ngay thanh toan gan nhat", "ngay tra gan nhat", "last payment date", "last paid on"),
    ),
    Column(
        "last_payment_amount",
        Kind.AMOUNT,
        ("so tien thanh toan gan nhat", "so tien tra gan nhat", "last payment"),
    ),
    Column(
        "last_payment_method",
        Kind.CHOICE,
        ("hinh thuc thanh toan", "kenh thanh toan", "payment method"),
        choices="method",
    ),
    Column(
        "last_payment_ref",
        Kind.CODE,
        ("ma giao dich", "so giao dich", "last payment reference", "payment reference"),
        limit=80,
    ),
    Column(
        "promise_amount",
        Kind.AMOUNT,
        ("so tien hua tra", "so tien hua", "promised amount", "ptp amount"),
    ),
    Column(
        "promise_due_on",
        Kind.DATE,
        ("ngay hua tra", "han hua tra", "promise date", "promise due date", "ptp date"),
    ),
    Column(
        "promise_made_on", Kind.DATE, ("ngay hua", "ngay cam ket", "promised on", "promise made on")
    ),
    Column(
        "promise_method", Kind.CHOICE, ("hinh thuc hua tra", "promise channel"), choices="method"
    ),
    Column(
        "promise_ref",
        Kind.CODE,
        ("ma loi hua", "ma cam ket", "promise reference", "ptp reference"),
        limit=80,
    ),
)

BY_NAME: Final = {column.name: column for column in COLUMNS}
_HEADERS: Final = {
    fold(word): column for column in COLUMNS for word in (column.name, *column.aliases)
}


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each known column stands. `extra` are places of the three columns of `rejected.csv`.

    `width` counts all cells of the header; `ignored` names headers that mean nothing here.
    """

    places: dict[str, int]
    extra: tuple[int, ...]
    ignored: tuple[str, ...]
    width: int

    @property
    def is_mended(self) -> bool:
        """Whether the file is a `rejected.csv` come back."""
        return bool(self.extra)


def lay_out(header: Sequence[str]) -> Layout:
    """Find the columns of a header. Raises Invalid when a required one is missing or one comes twice."""
    places: dict[str, int] = {}
    extra = extra_places(header)
    ignored: list[str] = []
    for place, cell in enumerate(header):
        word = fold(cell)
        column = _HEADERS.get(word)
        if place in extra:
            continue
        if column is None:
            if word:
                ignored.append(cell.strip())
        elif column.name in places:
            raise Invalid(
                f"column {column.name} comes twice: {header[places[column.name]].strip()!r}"
                f" and {cell.strip()!r}",
                code="COLUMN_TWICE",
                field=column.name,
            )
        else:
            places[column.name] = place
    missing = [column.name for column in COLUMNS if column.required and column.name not in places]
    if missing:
        raise Invalid(
            f"the header lacks {', '.join(missing)}; it reads: {' | '.join(header)[:300]}",
            code="COLUMN_MISSING",
            field=missing[0],
        )
    return Layout(places, extra, tuple(ignored), len(header))
