"""Why a row of a file stands in `rejected.csv`, in the two languages a person may read it in.

A reason is a code with values; its sentence names the fix. Nothing here reads a file.
"""

from dataclasses import dataclass
from typing import Final

SENTENCES: Final[dict[str, dict[str, str]]] = {
    "REQUIRED": {
        "vi": "ô bắt buộc đang để trống",
        "en": "this cell is required and it is empty",
    },
    "NOT_UTF8": {
        "vi": "có ký tự hỏng: trong Excel hãy lưu lại theo kiểu CSV UTF-8 hoặc Unicode Text",
        "en": "broken characters: in Excel, save again as CSV UTF-8 or Unicode Text",
    },
    "MOJIBAKE": {
        "vi": "chữ UTF-8 đã bị đọc nhầm bảng mã ({seen}): xuất lại từ nguồn theo UTF-8",
        "en": "UTF-8 text was read in another code page ({seen}): export again as UTF-8",
    },
    "LETTERS_LOST": {
        "vi": "chữ có dấu đã mất thành dấu ? khi lưu: trong Excel hãy lưu lại theo kiểu CSV UTF-8",
        "en": "letters were lost as ? when the file was saved: save again as CSV UTF-8",
    },
    "CONTROL": {
        "vi": "có ký tự điều khiển không in được: xoá chúng",
        "en": "contains control characters that cannot be printed: remove them",
    },
    "TOO_LONG": {
        "vi": "dài {length} ký tự, tối đa {limit}",
        "en": "{length} characters long, at most {limit} are kept",
    },
    "QUOTE_OPEN": {
        "vi": 'dấu nháy kép (") mở mà không đóng',
        "en": 'a double quote (") opens and never closes',
    },
    "QUOTE_BROKEN": {
        "vi": 'dấu nháy kép (") đặt sai: chữ trong nháy phải viết "" cho mỗi dấu',
        "en": 'a misplaced double quote ("): inside quotes write "" for each one',
    },
    "CELL_COUNT": {
        "vi": "dòng có {count} ô, tiêu đề có {expected}: thiếu hoặc thừa dấu phân cách",
        "en": "{count} cells where the header has {expected}: a delimiter is missing or too many",
    },
    "EXCEL_SCIENTIFIC": {
        "vi": "Excel đã rút gọn số ({seen}), các chữ số đã mất: định dạng cột là Text rồi xuất lại",
        "en": "Excel shortened the number ({seen}) and its digits are lost: format the column as Text "
        "and export again from the source",
    },
    "EXCEL_SERIAL": {
        "vi": "Excel đã đổi ngày thành số thứ tự {seen} (là {iso}): định dạng cột là Date rồi lưu lại",
        "en": "Excel turned the date into its day number {seen} (that is {iso}): format the column as "
        "a date and save again",
    },
    "EXCEL_ERROR": {
        "vi": "Excel ghi lỗi {seen} thay cho giá trị: sửa công thức hoặc chép giá trị gốc",
        "en": "Excel wrote the error {seen} in place of a value: mend the formula or paste the value",
    },
    "EXCEL_HASHES": {
        "vi": "Excel ghi {seen} vì cột quá hẹp: kéo rộng cột rồi lưu lại",
        "en": "Excel wrote {seen} because the column was too narrow: widen it and save again",
    },
    "AMOUNT": {
        "vi": "không phải số tiền: viết 5000000, 5.000.000 hoặc 5,000,000",
        "en": "not an amount: write 5000000, 5.000.000 or 5,000,000",
    },
    "AMOUNT_GROUPS": {
        "vi": "các nhóm chữ số không đủ ba số: viết 5.000.000 hoặc 5,000,000",
        "en": "groups are not of three digits: write 5.000.000 or 5,000,000",
    },
    "AMOUNT_FRACTION": {
        "vi": "có phần lẻ nhỏ hơn đơn vị nhỏ nhất của {currency}",
        "en": "has a fraction smaller than the smallest unit of {currency}",
    },
    "AMOUNT_NEGATIVE": {
        "vi": "số tiền âm: chỉ nhận số không âm",
        "en": "a negative amount: only amounts from zero up are taken",
    },
    "AMOUNT_ZERO": {"vi": "số tiền phải lớn hơn 0", "en": "the amount must be more than 0"},
    "AMOUNT_LARGE": {"vi": "số tiền quá lớn", "en": "the amount is too large"},
    "DATE": {
        "vi": "không phải ngày theo thứ tự đã khai ({order}): viết như {example}",
        "en": "not a date in the declared order ({order}): write it like {example}",
    },
    "DATE_ORDER": {
        "vi": "không có ngày này theo thứ tự đã khai ({order}); nếu tệp theo thứ tự khác, dùng --dates",
        "en": "no such date in the declared order ({order}); if the file is in another, give --dates",
    },
    "DATE_YEAR": {
        "vi": "năm phải đủ bốn chữ số: viết như {example}",
        "en": "the year takes four digits: write it like {example}",
    },
    "DATE_TIME": {
        "vi": "có cả giờ: chỉ ghi ngày, như {example}",
        "en": "carries a time of day: write the date only, like {example}",
    },
    "DATE_RANGE": {
        "vi": "ngày nằm ngoài khoảng 1900 đến 2100",
        "en": "the date lies outside 1900 to 2100",
    },
    "DATE_FUTURE": {"vi": "ngày ở tương lai", "en": "the date lies in the future"},
    "PHONE": {
        "vi": "không phải số điện thoại gọi được: viết như 0912345678 hoặc +84912345678",
        "en": "not a phone number that can be dialled: write 0912345678 or +84912345678",
    },
    "ZONE": {
        "vi": "không phải múi giờ: viết như Asia/Ho_Chi_Minh hoặc America/Chicago",
        "en": "no time zone: write Asia/Ho_Chi_Minh or America/Chicago",
    },
    "CHOICE": {
        "vi": "không có giá trị này; nhận: {choices}",
        "en": "no such value; one of: {choices}",
    },
    "WHOLE": {
        "vi": "phải là số nguyên từ {low} đến {high}",
        "en": "must be a whole number from {low} to {high}",
    },
    "CURRENCY": {
        "vi": "đơn vị tiền này không được ghi sổ ở đây; nhận: {choices}",
        "en": "this house keeps no books in that currency; one of: {choices}",
    },
    "NATIONAL_ID": {
        "vi": "căn cước có 12 số (hoặc chứng minh thư 9 số)",
        "en": "an identity number has 12 digits (an old one 9)",
    },
    "OVERDUE_ABOVE": {
        "vi": "số quá hạn lớn hơn dư nợ",
        "en": "more overdue than outstanding",
    },
    "OVERDUE_NO_DATE": {
        "vi": "có số quá hạn nhưng không có ngày quá hạn lâu nhất (hoặc số ngày quá hạn)",
        "en": "an overdue amount without its oldest unpaid due date (or days past due)",
    },
    "DPD_DISAGREES": {
        "vi": "số ngày quá hạn {dpd} không khớp ngày quá hạn lâu nhất ({counted} ngày)",
        "en": "{dpd} days past due do not agree with the oldest unpaid due date ({counted} days)",
    },
    "TOGETHER": {
        "vi": "phải ghi cùng với cột {other}",
        "en": "must be given together with {other}",
    },
    "PROMISE_ORDER": {
        "vi": "ngày hứa nằm sau hạn hứa trả",
        "en": "the promise was made after its due date",
    },
    "DUPLICATE": {
        "vi": "khoản vay này đã ở dòng {line}",
        "en": "this loan already stands on line {line}",
    },
    "CONTRADICTS": {
        "vi": "khách hàng {cif} đã ghi khác ở dòng {line}",
        "en": "customer {cif} is written differently on line {line}",
    },
    "OTHER_CUSTOMER": {
        "vi": "khoản vay này thuộc khách hàng {cif}",
        "en": "this loan belongs to customer {cif}",
    },
    "OTHER_CURRENCY": {
        "vi": "khoản vay này ghi sổ bằng {currency}",
        "en": "this loan is kept in {currency}",
    },
    "REFERENCE_USED": {
        "vi": "mã giao dịch này đã dùng cho khoản vay {account}",
        "en": "this reference already stands for loan {account}",
    },
    "AGENT_UNKNOWN": {
        "vi": "không có nhân viên đang làm việc với tên đăng nhập {name}",
        "en": "nobody who works here signs in as {name}",
    },
    "CLOCK": {
        "vi": "không phải giờ ({seen}): viết 08:00 hoặc 8h30, nửa đêm là 24:00",
        "en": "not a time of day ({seen}): write 08:00 or 8h30, midnight is 24:00",
    },
    "SHIFT_ORDER": {
        "vi": "ca phải kết thúc sau khi bắt đầu, trong cùng một ngày",
        "en": "a shift ends after it starts, on the same day",
    },
    "SHIFT_TWICE": {
        "vi": "ca của người này trong ngày này đã ở dòng {line}",
        "en": "this agent's shift of this day already stands on line {line}",
    },
    "BREAK_SPAN": {
        "vi": "không phải giờ nghỉ ({seen}): viết 12:00-13:00; 15:00-15:15",
        "en": "not a break ({seen}): write 12:00-13:00; 15:00-15:15",
    },
    "BREAK_OUTSIDE": {
        "vi": "giờ nghỉ nằm ngoài ca làm việc",
        "en": "a break lies outside the shift",
    },
    "BREAKS_TOUCH": {
        "vi": "hai giờ nghỉ chồng hoặc liền nhau: gộp thành một",
        "en": "two breaks overlap or touch: write them as one",
    },
    "BREAKS_MANY": {
        "vi": "tối đa {most} giờ nghỉ trong một ca",
        "en": "at most {most} breaks in a shift",
    },
    "DATABASE": {
        "vi": "cơ sở dữ liệu từ chối dòng này: {why}",
        "en": "the database refused this row: {why}",
    },
}


@dataclass(frozen=True, slots=True)
class Reason:
    """A code of `SENTENCES` and what fills its sentence."""

    code: str
    values: tuple[tuple[str, str], ...] = ()

    def sentence(self, language: str) -> str:
        """The sentence in `vi` or `en` (any other language reads English)."""
        texts = SENTENCES[self.code]
        return texts.get(language, texts["en"]).format(**dict(self.values))


def reason(code: str, **values: object) -> Reason:
    """A reason with its values as text."""
    return Reason(code, tuple((name, str(value)) for name, value in values.items()))


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a row: the column as documented (empty for the whole row) and why."""

    field: str
    reason: Reason


class UnreadableError(ValueError):
    """A cell cannot be what its column says; `reason` tells why."""

    def __init__(self, why: Reason) -> None:
        super().__init__(why.sentence("en"))
        self.reason = why


def refuse(code: str, **values: object) -> UnreadableError:
    """The error to raise for a cell, by its code."""
    return UnreadableError(reason(code, **values))
