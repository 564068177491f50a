//! JSON (RFC 8259): a [`Reader`] of what a server sent, and [`push_text`] for what is sent.
//!
//! Values are taken from the text one by one, in its order, and nothing is kept of those that are skipped. Wherever the
//! text is not JSON, the reader gives `None`, and the whole text is to be refused.

use std::borrow::Cow;

/// Bytes of a text that are kept. Nothing that is compared with something of ours is as long.
pub(crate) const MAX_TEXT: usize = 4096;

/// Objects and lists inside each other; what is deeper counts as no JSON. Answers of the API have eight.
const MAX_DEPTH: u32 = 127;

pub(crate) struct Reader<'a> {
    text: &'a str,
    /// How much of it is read.
    at: usize,
    depth: u32,
}

/// A value that needs no further look.
pub(crate) enum Value<'a> {
    /// The begin of a text, [`MAX_TEXT`] bytes at most.
    Text(Cow<'a, str>),
    /// A number that is written as a whole one.
    Integer(i64),
    Null,
    /// True, false, another number, an object, a list.
    Other,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0, depth: 0 }
    }

    /// Nothing follows any more.
    pub(crate) fn end(mut self) -> Option<()> {
        self.peek().is_none().then_some(())
    }

    /// The next value.
    pub(crate) fn value(&mut self) -> Option<Value<'a>> {
        match self.peek()? {
            b'"' => self.text().map(Value::Text),
            b'-' | b'0'..=b'9' => self.number(),
            b'n' => self.word(b"null").map(|()| Value::Null),
            _ => self.skip().map(|()| Value::Other),
        }
    }

    /// Has `field` read the value of each field of an object, whose name it is given. Any other value is skipped.
    pub(crate) fn object(&mut self, mut field: impl FnMut(&mut Self, &str) -> Option<()>) -> Option<()> {
        if self.peek()? != b'{' {
            return self.skip();
        }
        self.items(b'}', |json| {
            json.peek()?;
            let (name, has_escapes) = json.raw_text()?;
            json.colon()?;
            if has_escapes { field(json, &unescaped(name)?) } else { field(json, begin(name)) }
        })
    }

    /// Has `item` read each value of a list. Any other value is skipped.
    pub(crate) fn list(&mut self, item: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        if self.peek()? == b'[' { self.items(b']', item) } else { self.skip() }
    }

    /// Skips the next value.
    pub(crate) fn skip(&mut self) -> Option<()> {
        match self.peek()? {
            b'"' => self.raw_text().map(drop),
            b'-' | b'0'..=b'9' => self.number().map(drop),
            b'{' => self.items(b'}', |json| {
                json.peek()?;
                json.raw_text()?;
                json.colon()?;
                json.skip()
            }),
            b'[' => self.items(b']', Self::skip),
            b't' => self.word(b"true"),
            b'f' => self.word(b"false"),
            _ => self.word(b"null"),
        }
    }

    /// What stands between an opening bracket, which comes next, and `close`.
    fn items(&mut self, close: u8, mut item: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.at += 1;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        if self.peek()? == close {
            self.at += 1;
        } else {
            loop {
                item(self)?;
                let behind = self.peek()?;
                self.at += 1;
                if behind == close {
                    break;
                }
                if behind != b',' {
                    return None;
                }
            }
        }
        self.depth -= 1;
        Some(())
    }

    fn colon(&mut self) -> Option<()> {
        (self.peek()? == b':').then(|| self.at += 1)
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        self.rest().starts_with(word).then(|| self.at += word.len())
    }

    /// The byte comes next.
    fn byte(&mut self, byte: u8) -> Option<()> {
        (*self.rest().first()? == byte).then(|| self.at += 1)
    }

    /// The begin of a text that comes next.
    fn text(&mut self) -> Option<Cow<'a, str>> {
        let (raw, has_escapes) = self.raw_text()?;
        if has_escapes { unescaped(raw).map(Cow::Owned) } else { Some(Cow::Borrowed(begin(raw))) }
    }

    /// What stands between quotation marks, and whether there are escapes in it.
    #[allow(clippy::inline_always)] // Most texts have two words of eight bytes, and a call costs as much as they.
    #[inline(always)]
    fn raw_text(&mut self) -> Option<(&'a str, bool)> {
        self.byte(b'"')?;
        let start = self.at;
        self.at += plain_length(self.rest());
        let has_escapes = *self.rest().first()? != b'"';
        if has_escapes {
            self.skip_escapes()?;
        }
        let raw = self.text.get(start..self.at)?;
        self.at += 1;
        Some((raw, has_escapes))
    }

    /// To the quotation mark at the end of a text.
    #[cold]
    fn skip_escapes(&mut self) -> Option<()> {
        loop {
            self.at += match self.rest() {
                [b'"', ..] => return Some(()),
                [b'\\', b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => 2,
                [b'\\', b'u', a, b, c, d, ..]
                    if [a, b, c, d].iter().all(|digit| digit.is_ascii_hexdigit()) =>
                {
                    6
                }
                _ => return None,
            };
            self.at += plain_length(self.rest());
        }
    }

    fn number(&mut self) -> Option<Value<'a>> {
        // As most are.
        if let [digit @ b'0'..=b'9', b',' | b'}', ..] = self.rest() {
            self.at += 1;
            return Some(Value::Integer(i64::from(digit - b'0')));
        }
        let is_of_it = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
        let length = self.rest().iter().position(|byte| !is_of_it(byte)).unwrap_or(self.rest().len());
        let text = self.text.get(self.at..self.at + length)?;
        self.at += length;
        if !is_number(text) {
            return None;
        }
        match text.parse() {
            // Minus zero is none of the API's codes.
            Ok(number) if text != "-0" => Some(Value::Integer(number)),
            _ => Some(Value::Other),
        }
    }

    /// The first byte of what comes next, behind space.
    fn peek(&mut self) -> Option<u8> {
        loop {
            let byte = *self.rest().first()?;
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Some(byte);
            }
            self.at += 1;
        }
    }

    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }
}

/// The bytes before the first quotation mark, backslash or control character. Eight are looked at together: texts
/// are most of an answer.
fn plain_length(bytes: &[u8]) -> usize {
    let mut rest = bytes;
    while let Some((word, behind)) = rest.split_first_chunk() {
        let special = special_bytes(u64::from_le_bytes(*word));
        if special != 0 {
            return bytes.len() - rest.len() + special.trailing_zeros() as usize / 8;
        }
        rest = behind;
    }
    bytes.len() - rest.len() + plain_length_of_end(rest)
}

/// Has the highest bit of the first byte that a text cannot have plainly, none before it, and any behind it.
fn special_bytes(word: u64) -> u64 {
    const ONES: u64 = u64::MAX / 255;
    // Has the highest bit of a byte below `least`, if no byte before it is below; what it has of one that is 128 or
    // more says nothing.
    let below = |word: u64, least: u64| word.wrapping_sub(ONES * least);
    // With this bit turned the quotation mark, 0x22, comes directly behind the control characters.
    let control_or_quote = below(word ^ (ONES * 0x02), 0x21);
    let backslash = below(word ^ (ONES * u64::from(b'\\')), 1);
    (control_or_quote | backslash) & !word & (ONES * 128)
}

/// [`plain_length`] of what is too short to be looked at together.
#[cold]
fn plain_length_of_end(bytes: &[u8]) -> usize {
    let is_special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1f);
    bytes.iter().position(is_special).unwrap_or(bytes.len())
}

/// Whether `text`, of characters that numbers have, is one.
fn is_number(text: &str) -> bool {
    let is_digits = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let (mantissa, exponent) = text.split_once(['e', 'E']).map_or((text, None), |(mantissa, exponent)| {
        (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)))
    });
    let (whole, fraction) =
        mantissa.split_once('.').map_or((mantissa, None), |(whole, fraction)| (whole, Some(fraction)));
    let whole = whole.strip_prefix('-').unwrap_or(whole);
    is_digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(is_digits)
        && exponent.is_none_or(is_digits)
}

/// The begin of a text whose escapes have the right form. `None` for half of a surrogate pair, which is no character.
fn unescaped(text: &str) -> Option<String> {
    let mut plain = String::with_capacity(text.len().min(MAX_TEXT + 4));
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('\\') {
        push_begin(&mut plain, before);
        let (character, behind) = escaped(behind)?;
        if !may_be_cut(&plain) {
            plain.push(character);
        }
        rest = behind;
    }
    push_begin(&mut plain, rest);
    plain.truncate(begin(&plain).len());
    Some(plain)
}

/// Adds what may still be kept, and a little more; nothing where the begin of a text was all that fitted in.
fn push_begin(plain: &mut String, text: &str) {
    if !may_be_cut(plain) {
        plain.push_str(begin(text));
    }
}

/// The character that `text`, behind a backslash, begins with, and what follows it.
fn escaped(text: &str) -> Option<(char, &str)> {
    let mut characters = text.chars();
    let character = match characters.next()? {
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => return unicode(characters.as_str()),
        itself => itself,
    };
    Some((character, characters.as_str()))
}

/// The same behind `\u`.
fn unicode(text: &str) -> Option<(char, &str)> {
    let unit = |text: &str| u16::from_str_radix(text.get(..4)?, 16).ok();
    let first = unit(text)?;
    let second = text.get(4..)?.strip_prefix("\\u").and_then(unit);
    let is_pair = (0xd800..0xdc00).contains(&first);
    let units = [Some(first), second.filter(|_| is_pair)];
    let character = char::decode_utf16(units.into_iter().flatten()).next()?.ok()?;
    Some((character, text.get(if is_pair { 10 } else { 4 }..)?))
}

/// As much of a text as is kept.
fn begin(text: &str) -> &str {
    if text.len() <= MAX_TEXT {
        return text;
    }
    // A character has four bytes at most.
    (0..4).find_map(|short| text.get(..MAX_TEXT - short)).unwrap_or_default()
}

/// Whether `text` is as long as one of which only the begin was kept.
pub(crate) fn may_be_cut(text: &str) -> bool {
    // The last character may not have fitted in.
    text.len() > MAX_TEXT - 4
}

/// Bytes that a byte of text becomes at most.
pub(crate) const LONGEST_ESCAPE: usize = 6;

/// Adds `text` in quotation marks.
pub(crate) fn push_text(json: &mut Vec<u8>, text: &str) {
    let hex = |half: u8| if half < 10 { b'0' + half } else { b'a' + half - 10 };
    json.push(b'"');
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => json.extend([b'\\', byte]),
            0..=0x1f => json.extend([b'\\', b'u', b'0', b'0', hex(byte >> 4), hex(byte & 15)]),
            _ => json.push(byte),
        }
    }
    json.push(b'"');
}

#[cfg(test)]
mod tests {
    use serde::de::IgnoredAny;

    use super::*;

    fn is_json(text: &[u8]) -> bool {
        let Ok(text) = str::from_utf8(text) else { return false };
        let mut json = Reader::new(text);
        json.skip().and_then(|()| json.end()).is_some()
    }

    /// serde takes what is not UTF-8 too, in texts that are skipped.
    fn is_json_to_serde(text: &[u8]) -> bool {
        str::from_utf8(text).is_ok() && serde_json::from_slice::<IgnoredAny>(text).is_ok()
    }

    fn text_of(text: &[u8]) -> Option<String> {
        let mut json = Reader::new(str::from_utf8(text).ok()?);
        let Some(Value::Text(value)) = json.value() else { return None };
        json.end().map(|()| value.into_owned())
    }

    /// All that a change of one byte makes of texts that have every part of the grammar.
    #[test]
    fn what_is_json_is_what_serde_takes_for_it() {
        let seeds = [
            include_str!("response/documented_answer.json"),
            r#" {"a" : [ 1, -2.5e+10 ,0, -0, 1E9, 0.10, true,false , null, {} , [] , [[]], {"b":{"c":""}} ] } "#,
            r#"["\"\\\/\b\f\n\r\t\u00e4\uD83D\ude00", "ü€😀", 10.0e-0, 12345678901234567890]"#,
            "\t\r\n 1 ",
        ];
        for seed in seeds {
            assert!(is_json(seed.as_bytes()), "{seed}");
            for index in 0..seed.len() {
                let cut = &seed.as_bytes()[..index];
                assert_eq!(is_json(cut), is_json_to_serde(cut), "{cut:?}");
                let mut changed = seed.as_bytes().to_vec();
                changed.insert(index, 0);
                for byte in b"\"\\/{}[]:,.+-eE0159abnutfx \t\n\0\x1f\x7f\x80\xbc\xc3\xff" {
                    changed[index] = *byte;
                    for changed in [&changed, &[cut, &changed[index..=index], &changed[index + 2..]].concat()]
                    {
                        let shown = String::from_utf8_lossy(changed);
                        assert_eq!(is_json(changed), is_json_to_serde(changed), "{shown}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_text_reads_as_serde_reads_it() {
        let seed = r#""a\"\\\/\b\f\n\r\t\u00e4\uD83D\ude00ü€😀\uDBFF\uDFFF\u0000""#;
        assert!(text_of(seed.as_bytes()).is_some());
        for index in 0..seed.len() {
            for byte in 0..=255 {
                let mut changed = seed.as_bytes().to_vec();
                changed[index] = byte;
                let expected = serde_json::from_slice::<String>(&changed).ok();
                assert_eq!(text_of(&changed), expected, "{}", String::from_utf8_lossy(&changed));
            }
        }
    }

    #[test]
    fn a_text_ends_at_its_first_quotation_mark_wherever_that_stands() {
        let is_plain = |byte: u8| byte >= 0x20 && byte != b'"' && byte != b'\\';
        for (byte, around) in (0..=255).flat_map(|byte| (0..=255).map(move |around| (byte, around))) {
            for before in 0..17 {
                let mut text = [around; 20];
                text[before] = byte;
                let expected = text.iter().position(|byte| !is_plain(*byte)).unwrap_or(text.len());
                assert_eq!(plain_length(&text), expected, "{text:?}");
            }
        }
    }

    #[test]
    fn only_whole_numbers_of_64_bits_are_integers() {
        let integer = |text: &str| match Reader::new(text).value() {
            Some(Value::Integer(number)) => Some(number),
            _ => None,
        };
        assert_eq!(integer("0"), Some(0));
        assert_eq!(integer("-97"), Some(-97));
        for (text, number) in [("7,", 7), ("0}", 0), ("7]", 7), ("7 ", 7), ("42,", 42), ("-7,", -7)] {
            assert_eq!(integer(text), Some(number), "{text}");
        }
        for no_number in ["07,", "7.,", "7e}", "-,", "+7,"] {
            assert_eq!(integer(no_number), None, "{no_number}");
        }
        assert_eq!(integer("9223372036854775807"), Some(i64::MAX));
        for other in ["-0", "0.0", "1e3", "9223372036854775808", "true", "[]", "{}", "\"0\"", "00", "+1"] {
            assert_eq!(integer(other), None, "{other}");
        }
    }

    #[test]
    fn of_a_long_text_the_begin_is_kept() {
        let cut_before_an_escape = "ü".repeat(2047) + "€";
        for (unit, plain) in [
            ("x", "x"),
            ("ü", "ü"),
            ("\\u00fc", "ü"),
            ("\\n€", "\n€"),
            ("\\\"", "\""),
            (&format!("{cut_before_an_escape}\\n"), &format!("{cut_before_an_escape}\n")),
        ] {
            for times in [1365, 1366, 2047, 2048, 2049, 4096, 4097, 50_000] {
                let kept = text_of(format!("\"{}\"", unit.repeat(times)).as_bytes()).unwrap();
                let whole = plain.repeat(times);
                assert!(whole.starts_with(&kept) && kept.len() <= MAX_TEXT, "{unit} {times}");
                assert!(kept == whole || (may_be_cut(&kept) && may_be_cut(&whole)), "{unit} {times}");
            }
        }
    }

    #[test]
    fn nesting_without_end_is_no_json() {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let nested = |depth| format!("{}1{}", open.repeat(depth), close.repeat(depth)).into_bytes();
            assert!(is_json(&nested(127)));
            assert!(!is_json(&nested(128)));
            assert!(!is_json(&nested(100_000)));
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        let text: String = (0..0x300).filter_map(char::from_u32).chain("€😀".chars()).collect();
        let mut json = Vec::new();
        push_text(&mut json, &text);
        assert_eq!(text_of(&json).as_deref(), Some(text.as_str()));
        assert_eq!(serde_json::from_slice::<String>(&json).unwrap(), text);
        assert!(json.len() <= LONGEST_ESCAPE * text.len() + 2);
    }
}
