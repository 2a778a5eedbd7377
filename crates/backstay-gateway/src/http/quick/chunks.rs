//! Where a body of chunks ends ([RFC 9112, 7.1](https://www.rfc-editor.org/rfc/rfc9112#section-7.1)). The chunks themselves
//! pass as they are.

/// The place within the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chunks {
    /// Within the length of a chunk, with as much of it as was read and the number of its digits.
    Length(u64, u8),
    /// Behind the length, to the end of the line.
    Extension(u64),
    /// Within a chunk, with what is left of it.
    Data(u64),
    /// Behind a chunk: `\r\n`, of which so many bytes were read.
    Gap(u8),
    /// Within the trailers; whether the line has any byte so far.
    Trailers(bool),
    /// Behind all of it.
    End,
}

/// What comes is no body of chunks.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Broken;

impl Chunks {
    pub(super) const BEGIN: Self = Self::Length(0, 0);
    /// Longer lengths are nonsense.
    const DIGITS: u8 = 15;

    /// Goes on. Gives how many of the bytes belong to the body.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<usize, Broken> {
        let mut index = 0;
        while index < bytes.len() && *self != Self::End {
            if let Self::Data(left) = self {
                let here = bytes.len() - index;
                let taken = usize::try_from(*left).map_or(here, |left| left.min(here));
                index += taken;
                *left -= taken as u64;
                if *left == 0 {
                    *self = Self::Gap(0);
                }
                continue;
            }
            *self = self.after(bytes[index])?;
            index += 1;
        }
        Ok(index)
    }

    fn after(self, byte: u8) -> Result<Self, Broken> {
        match (self, byte) {
            (Self::Length(_, 0), b'\r' | b'\n' | b';' | b' ' | b'\t') => Err(Broken),
            (Self::Length(length, _), b'\r' | b';' | b' ' | b'\t') => Ok(Self::Extension(length)),
            (Self::Length(length, digits), byte) => {
                let digit = char::from(byte).to_digit(16).ok_or(Broken)?;
                if digits == Self::DIGITS {
                    return Err(Broken);
                }
                Ok(Self::Length(length * 16 + u64::from(digit), digits + 1))
            }
            (Self::Extension(0), b'\n') => Ok(Self::Trailers(false)),
            (Self::Extension(length), b'\n') => Ok(Self::Data(length)),
            (Self::Extension(length), _) => Ok(Self::Extension(length)),
            (Self::Gap(0), b'\r') => Ok(Self::Gap(1)),
            (Self::Gap(1), b'\n') => Ok(Self::BEGIN),
            (Self::Gap(_), _) => Err(Broken),
            (Self::Trailers(false), b'\n') => Ok(Self::End),
            (Self::Trailers(false), b'\r') => Ok(Self::Trailers(false)),
            (Self::Trailers(true), b'\n') => Ok(Self::Trailers(false)),
            (Self::Trailers(_), _) => Ok(Self::Trailers(true)),
            (Self::Data(_) | Self::End, _) => Ok(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Broken, Chunks};

    const BODY: &[u8] = b"5\r\nhello\r\nA;x=\"y\"\r\n0123456789\r\n0\r\nX-Sum: 1\r\n\r\n";

    #[test]
    fn the_end_is_found_wherever_it_is_cut() {
        let with_more = [BODY, b"HTTP/1.1 200"].concat();
        for cut in 0..BODY.len() {
            let mut chunks = Chunks::BEGIN;
            assert_eq!(chunks.take(&with_more[..cut]), Ok(cut), "{cut}");
            assert_ne!(chunks, Chunks::End);
            assert_eq!(chunks.take(&with_more[cut..]), Ok(BODY.len() - cut), "{cut}");
            assert_eq!(chunks, Chunks::End);
        }
    }

    #[test]
    fn nonsense_is_seen() {
        for body in [&b"x\r\n"[..], b"\r\n", b"5\r\nhelloX", b"1234567890123456\r\n", b";\r\n"] {
            assert_eq!(Chunks::BEGIN.clone_take(body), Err(Broken), "{body:?}");
        }
    }

    impl Chunks {
        fn clone_take(mut self, bytes: &[u8]) -> Result<usize, Broken> {
            self.take(bytes)
        }
    }
}
