"""Words that invented people and places are made of: real by frequency, nobody's by combination."""

from typing import Final

# Share of the population, per mille, after published counts of family names.
FAMILIES: Final = {
    "Nguyễn": 314, "Trần": 109, "Lê": 95, "Phạm": 70, "Hoàng": 38, "Huỳnh": 35, "Phan": 45,
    "Vũ": 26, "Võ": 25, "Đặng": 21, "Bùi": 20, "Đỗ": 14, "Hồ": 13, "Ngô": 13, "Dương": 10,
    "Lý": 8, "Đinh": 8, "Trịnh": 7, "Đoàn": 6, "Lương": 6, "Mai": 6, "Tô": 4, "Trương": 22,
    "Cao": 6, "Châu": 3, "Tạ": 4, "Hà": 5, "Thái": 4, "Kiều": 2, "Quách": 2,
}  # fmt: skip

MALE_MIDDLES: Final = (
    "Văn", "Văn", "Văn", "Minh", "Đức", "Hữu", "Quốc", "Thanh", "Công", "Đình", "Xuân", "Ngọc",
    "Trung", "Anh", "Hoàng", "Gia", "Tuấn", "Bá", "Duy", "Viết", "Thành", "Quang", "Nhật", "Tấn",
)  # fmt: skip
FEMALE_MIDDLES: Final = (
    "Thị", "Thị", "Thị", "Thị Thu", "Thị Ngọc", "Thị Thanh", "Ngọc", "Thu", "Minh", "Phương",
    "Thanh", "Kim", "Hồng", "Mỹ", "Bích", "Khánh", "Thùy", "Như", "Diệu", "Thị Kim", "Thị Mỹ",
    "Hoài", "Bảo", "Tuyết",
)  # fmt: skip
MALE_GIVENS: Final = (
    "Anh", "Bảo", "Bình", "Cường", "Dũng", "Duy", "Đạt", "Đức", "Giang", "Hải", "Hào", "Hiếu",
    "Hòa", "Hoàng", "Hùng", "Huy", "Hưng", "Khánh", "Khoa", "Kiên", "Lâm", "Lộc", "Long", "Luân",
    "Mạnh", "Minh", "Nam", "Nghĩa", "Nhân", "Phát", "Phong", "Phú", "Phúc", "Phước", "Quân",
    "Quang", "Quý", "Sang", "Sơn", "Tài", "Tâm", "Tân", "Thái", "Thắng", "Thành", "Thịnh", "Thọ",
    "Tiến", "Toàn", "Trí", "Trung", "Trường", "Tú", "Tuấn", "Tùng", "Việt", "Vinh", "Vũ",
)  # fmt: skip
FEMALE_GIVENS: Final = (
    "An", "Anh", "Ánh", "Châu", "Chi", "Diễm", "Dung", "Duyên", "Đào", "Giang", "Hà", "Hạnh",
    "Hân", "Hằng", "Hiền", "Hoa", "Hồng", "Huệ", "Hương", "Huyền", "Lan", "Lệ", "Liên", "Linh",
    "Loan", "Ly", "Mai", "My", "Nga", "Ngân", "Ngọc", "Nguyệt", "Nhi", "Nhung", "Oanh", "Phượng",
    "Phương", "Quyên", "Quỳnh", "Tâm", "Thảo", "Thắm", "Thơ", "Thu", "Thủy", "Thúy", "Thư",
    "Tiên", "Trang", "Trâm", "Trinh", "Tuyền", "Uyên", "Vân", "Vy", "Xuân", "Yến",
)  # fmt: skip

# Branch: province, its identity-number code, districts, share of customers in per cent.
BRANCHES: Final = {
    "HCM Quận 1": ("TP. Hồ Chí Minh", "079", ("Quận 1", "Quận 3", "Quận 4", "Quận 5", "Quận 7",
                   "Quận 10", "Bình Thạnh", "Phú Nhuận"), 27),
    "HCM Thủ Đức": ("TP. Hồ Chí Minh", "079", ("Thủ Đức", "Quận 12", "Gò Vấp", "Hóc Môn",
                    "Bình Tân", "Tân Phú"), 18),
    "Hà Nội": ("Hà Nội", "001", ("Ba Đình", "Hoàn Kiếm", "Đống Đa", "Cầu Giấy", "Hai Bà Trưng",
               "Thanh Xuân", "Hà Đông", "Long Biên", "Hoàng Mai"), 25),
    "Đà Nẵng": ("Đà Nẵng", "048", ("Hải Châu", "Thanh Khê", "Sơn Trà", "Liên Chiểu",
                "Ngũ Hành Sơn", "Cẩm Lệ"), 11),
    "Cần Thơ": ("Cần Thơ", "092", ("Ninh Kiều", "Cái Răng", "Bình Thủy", "Ô Môn", "Thốt Nốt"), 10),
    "Hải Phòng": ("Hải Phòng", "031", ("Hồng Bàng", "Lê Chân", "Ngô Quyền", "Kiến An",
                  "Hải An", "Thủy Nguyên"), 9),
}  # fmt: skip

COMPANY_FORMS: Final = ("Công ty TNHH", "Công ty Cổ phần", "Công ty TNHH MTV")
COMPANY_TRADES: Final = (
    "Xây dựng", "Vận tải", "Thương mại", "Thực phẩm", "May mặc", "Nội thất", "In ấn",
    "Thủy sản", "Cơ khí", "Du lịch",
)  # fmt: skip
COMPANY_NAMES: Final = (
    "An Phát", "Bình Minh", "Đại Thành", "Gia Hưng", "Hải Đăng", "Hoàng Long", "Kim Ngân",
    "Minh Khôi", "Nam Việt", "Phú Thịnh", "Song Hà", "Tân Tiến", "Thiên Phúc", "Vạn Lộc",
)  # fmt: skip

# What an agent types after a call, per outcome; {amount} and {day} are filled in.
NOTES: Final[dict[str, tuple[str, ...]]] = {
    "PTP_SCHEDULED": (
        "KH hẹn trả {amount} ngày {day}, chuyển khoản.",
        "Lương về ngày {day} sẽ trả {amount}.",
        "Hứa trả {amount} trước 17h ngày {day}, đã đọc lại cho KH xác nhận.",
        "Đang chờ người nhà gửi tiền, hẹn {amount} ngày {day}.",
    ),
    "PTP_PARTIAL": (
        "Trả trước {amount} ngày {day}, phần còn lại hẹn tháng sau.",
        "Chỉ xoay được {amount}, hẹn ngày {day}.",
    ),
    "CALLBACK_SCHEDULED": (
        "Đang họp, hẹn gọi lại buổi chiều.",
        "Đang lái xe, hẹn gọi lại sau 18h.",
    ),
    "REFUSED": (
        "Nói chưa có tiền, không hẹn ngày.",
        "Cho rằng lãi phạt quá cao, không đồng ý trả.",
    ),
    "HARDSHIP_REVIEW": (
        "Mới nghỉ việc, xin giãn nợ 3 tháng.",
        "Người nhà nằm viện, đề nghị xem xét.",
    ),
    "DISPUTE_OPENED": (
        "Khẳng định đã trả kỳ này, đề nghị kiểm tra.",
        "Không đồng ý phí thường niên.",
    ),
    "PAID_TO_VERIFY": ("Báo đã chuyển khoản sáng nay, cần đối chiếu.", "Nói trả tại quầy hôm qua."),
    "THIRD_PARTY_MESSAGE": (
        "Vợ nghe máy, nhắn anh gọi lại.",
        "Đồng nghiệp nghe máy, nhắn gọi lại.",
    ),
    "HUNG_UP_AFTER_ID": ("Xác minh xong thì ngắt máy.",),
    "HUNG_UP_BEFORE_ID": ("Nghe tên ngân hàng liền ngắt máy.",),
    "NO_ANSWER_RETRY": ("",),
    "BUSY_RETRY": ("",),
    "SWITCHED_OFF_RETRY": ("",),
    "MACHINE_NO_MESSAGE": ("",),
}

INSTRUCTIONS: Final = {
    "VIP": "Khách hàng ưu tiên: xưng hô lịch sự, không gọi giờ nghỉ trưa.",
    "STAFF": "Nhân viên ngân hàng: chỉ trưởng nhóm xử lý.",
    "MEDIA": "Người của báo chí: đọc đúng kịch bản, không bình luận thêm.",
    "VULNERABLE": "Người cao tuổi, nghe kém: nói chậm, nhắc lại số tiền và ngày.",
    "LEGAL_SENSITIVE": "Đang có luật sư đại diện: không thương lượng, ghi lại yêu cầu.",
}
