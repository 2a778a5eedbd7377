//! Words that are meant for a terminal and not for whoever reads them.

/// A colour and a cleared screen, a title, a link, the clipboard, a device string, bells, overwriting, 8-bit controls, other
/// directions, ends of lines that are none, bytes that are no UTF-8. The word `words` is in between.
pub const HOSTILE: &[u8] = b"\x1b[2J\x1b[31mwords\x1b]0;title\x07\x1b]8;;http://evil.test\x1b\\link\x1b]8;;\x1b\\\
    \x1b]52;c;ZXZpbA==\x07\x1bP+q544e\x1b\\be\x07ll\x08back\rover\xc2\x9b2J\xc2\x9d0;t\xc2\x9c\xe2\x80\xaetxt.exe\xe2\x81\xa6\
    \xe2\x80\xa8line\xe2\x80\xa9para\x0bvt\x7f\xc2\x85\xff\xfe\x9b2J\x00end";
