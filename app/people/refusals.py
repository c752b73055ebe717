"""Refusals in Vietnamese, by code. In English the refusal's own sentence stands, where it was raised.

`{fields}` are the refusal's own data. A code that is missing here is shown in English, which the test of
this page does not let happen to what a person can meet.
"""

from typing import Final

VIETNAMESE: Final[dict[str, str]] = {
    "ABOVE_OUTSTANDING": "Số tiền hứa cao hơn dư nợ.",
    "ALREADY_SIGNED_IN": "Bàn làm việc này đang mở ở máy khác từ {since}. Tiếp quản?",
    "AMOUNT_ZERO": "Số tiền phải lớn hơn 0.",
    "BREAK_REASON": "Hãy chọn lý do nghỉ.",
    "BUSY": "Hãy kết thúc cuộc gọi và ghi chú trước.",
    "CALLBACK_PAST": "Giờ gọi lại phải ở tương lai.",
    "CALL_OVER": "Cuộc gọi đó đã kết thúc.",
    "CALL_UNKNOWN": "Không có cuộc gọi đó ở bàn của bạn.",
    "CORRECTION_NOT_IN_USE": "Kết quả này không còn được dùng.",
    "CORRECTION_SUPERSEDED": "Kết quả này đã được sửa; hãy sửa bản mới nhất.",
    "CORRECTION_SYSTEM_ONLY": "Kết quả này chỉ do hệ thống ghi.",
    "CORRECTION_TOO_LATE": "Chỉ sửa được trong 5 phút; hãy nhờ trưởng nhóm.",
    "CSRF": "Trang này đã cũ: hãy tải lại trang.",
    "CURRENCY": "Loại tiền không đúng với khoản vay.",
    "DUE_PAST": "Ngày hẹn trả không được ở quá khứ.",
    "DUE_TOO_FAR": "Ngày hẹn trả quá xa.",
    "ENGINE_AWAY": "Máy chủ đang bận. Hãy thử lại sau giây lát.",
    "FORBIDDEN": "Bạn không có quyền làm việc này.",
    "HTTP_404": "Không có trang này.",
    "HTTP_405": "Địa chỉ này không nhận yêu cầu như vậy.",
    "HTTP_413": "Dữ liệu gửi lên quá lớn.",
    "INTERNAL": "Hệ thống gặp lỗi và đã ghi nhận.",
    "INVALID": "Dữ liệu gửi lên chưa đúng.",
    "NOTFOUND": "Không có trang này.",
    "NOT_IN_USE": "Kết quả này không còn được dùng.",
    "NOT_PERMITTED": "Vai trò của bạn không được làm việc này.",
    "NO_CAMPAIGN": "Bạn chưa được giao chiến dịch nào: hãy hỏi trưởng nhóm.",
    "NO_CHANNELS": "Vai trò của bạn không có trang trực tiếp.",
    "NO_OUTCOME": "Hãy chọn kết quả trước.",
    "ORIGIN": "Yêu cầu này đến từ trang khác.",
    "OTHER_TEAM": "Nhân viên đó không thuộc đội của bạn.",
    "OUTCOME_NEEDS": "Kết quả này còn thiếu một mục.",
    "OUTCOME_RECORDED": "Cuộc gọi đã có kết quả: hãy sửa kết quả đó.",
    "OUTCOME_RESERVED": "Nhân viên không đặt được kết quả này.",
    "OUTCOME_UNKNOWN": "Hãy chọn kết quả trong danh sách.",
    "PROMISED_TWICE": "Khoản vay đã có lời hứa đang chạy.",
    "SIGNINNEEDED": "Phiên làm việc đã hết. Hãy đăng nhập lại.",
    "SIGN_IN_WAIT": "Thử sai quá nhiều lần. Chờ {retry_after_seconds} giây rồi thử lại.",
    "SUPERSEDED": "Kết quả này đã được sửa.",
    "TAKE_OVER_LATE": "Đã quá lâu: hãy đăng nhập lại.",
    "UNAVAILABLE": "Máy chủ đang bận. Hãy thử lại sau giây lát.",
    "UNKNOWN_LEAF": "Không có kết quả này.",
    "USERNAME_TAKEN": "Tên đăng nhập này đã có người dùng.",
    "WRONG_PASSWORD": "Tên đăng nhập hoặc mật khẩu không đúng.",
}
