//! TLS on another layer, with rustls.
//!
//! rustls is given one whole record at a time. What has arrived of the next one stays in the buffer of the layer below,
//! where it can be seen, and so nothing that a server sent unasked can hide in this layer: an answer that waited inside
//! it would be taken for that to the next request.

use std::io::{self, IoSlice, Read, Write};
use std::sync::Arc;

use http::Uri;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore};

use super::buffer::Buffer;
use super::deadline::Deadline;
use super::layer::{Layer, Unasked, closed, invalid, too_long};
use super::settings::Settings;

/// What all connections with the same settings have in common.
pub(super) fn new_config(settings: &Settings) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    match &settings.roots {
        Some(file) => {
            roots.add_parsable_certificates(file.certificates().map(CertificateDer::from));
        }
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
    }
    // A provider of its own: the process's default belongs to the host.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(rustls::ALL_VERSIONS)
        .map(|builder| builder.with_root_certificates(roots).with_no_client_auth());
    config.unwrap_or_else(|_| unreachable!("ring speaks TLS 1.2 and 1.3"))
}

/// TLS on the layer below.
pub(super) struct Tls {
    session: ClientConnection,
    below: Box<dyn Layer>,
    input: Buffer,
    /// Bytes that rustls has decrypted and that have not been taken from it.
    plain: usize,
    /// The next record began to arrive before it was asked for.
    is_early: bool,
    /// The server has said that it sends no more.
    is_closed: bool,
}

impl Tls {
    /// Does the handshake with the host of `uri`. Its last message is held back, and goes out with the first request.
    pub(super) fn connect(
        config: Arc<ClientConfig>,
        uri: &Uri,
        below: Box<dyn Layer>,
        deadline: Deadline,
    ) -> io::Result<Self> {
        let session = ClientConnection::new(config, server_name(uri)?).map_err(invalid)?;
        let input = Buffer::new(MAX_RECORD);
        let mut layer = Self { session, below, input, plain: 0, is_early: false, is_closed: false };
        while layer.session.is_handshaking() {
            layer.hold_below()?;
            if !layer.next_record()? && !layer.below.receive(deadline)? {
                return Err(closed());
            }
        }
        layer.hold_below()?;
        Ok(layer)
    }

    /// Gives what rustls wants to write to the layer below.
    fn hold_below(&mut self) -> io::Result<()> {
        while self.session.wants_write() {
            self.session.write_tls(&mut Holding(&mut *self.below))?;
        }
        Ok(())
    }

    /// Decrypts the next record; `false` when it has not arrived completely.
    fn next_record(&mut self) -> io::Result<bool> {
        let input = self.below.input();
        let Some(length) = whole_record(input) else { return Ok(false) };
        let mut record = input.get(..length).unwrap_or_default();
        while !record.is_empty() && self.session.read_tls(&mut record)? > 0 {}
        self.below.consume(length);
        let state = self.session.process_new_packets().map_err(invalid)?;
        self.plain = state.plaintext_bytes_to_read();
        self.is_closed = state.peer_has_closed();
        // TLS's own answers, as to an update of the keys.
        self.hold_below()?;
        if std::mem::take(&mut self.is_early) && self.plain > 0 {
            return Err(invalid("an answer came before the request was whole"));
        }
        Ok(true)
    }

    /// Moves what is decrypted into the buffer; `false` when there is nothing.
    fn take_plain(&mut self) -> io::Result<bool> {
        if self.plain == 0 {
            return Ok(false);
        }
        let room = self.input.room();
        if room.is_empty() {
            return Err(too_long());
        }
        let taken = self.session.reader().read(room)?;
        self.plain = self.plain.saturating_sub(taken);
        self.input.add(taken);
        Ok(taken > 0)
    }
}

impl Layer for Tls {
    fn input(&self) -> &[u8] {
        self.input.bytes()
    }

    fn consume(&mut self, amount: usize) {
        self.input.consume(amount);
    }

    /// As one record.
    fn hold(&mut self, head: &[u8], rest: &[u8]) -> io::Result<()> {
        let written = self.session.writer().write_vectored(&[IoSlice::new(head), IoSlice::new(rest)])?;
        if written < head.len() + rest.len() {
            return Err(io::ErrorKind::WriteZero.into());
        }
        self.hold_below()
    }

    fn held(&self) -> usize {
        self.below.held()
    }

    fn send_at_once(&mut self) -> io::Result<()> {
        self.below.send_at_once()
    }

    fn send(&mut self, keep: usize, deadline: Deadline) -> io::Result<()> {
        self.below.send(keep, deadline)
    }

    fn sent(&self) -> u64 {
        self.below.sent()
    }

    fn receive(&mut self, deadline: Deadline) -> io::Result<bool> {
        loop {
            if self.take_plain()? {
                return Ok(true);
            }
            if self.is_closed {
                return Ok(false);
            }
            if !self.next_record()? && !self.below.receive(deadline)? {
                return Err(closed());
            }
        }
    }

    /// Messages of TLS's own, such as session tickets, may come at any time and are no answer. It looks below whatever
    /// it has itself: what was decrypted before may have more behind it, which a layer above must see.
    fn look(&mut self) -> Unasked {
        for _ in 0..MAX_LOOKS {
            if self.take_plain().is_err() {
                return Unasked::Bytes;
            }
            let seen_before = self.below.input().len();
            let found = self.below.look();
            let seen = self.below.input().len();
            while self.plain == 0 {
                match self.next_record() {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(_) => return Unasked::Bytes,
                }
            }
            if self.plain > 0 {
                continue;
            }
            if found == Unasked::End || self.is_closed {
                return if self.input.is_empty() { Unasked::End } else { Unasked::Bytes };
            }
            let is_settled = self.below.input().len() == seen && (seen == seen_before || seen == 0);
            if is_settled && !self.input.is_empty() {
                return Unasked::Bytes;
            }
            if found == Unasked::Nothing {
                return Unasked::Nothing;
            }
            if is_settled || found == Unasked::PartOfRecord {
                self.is_early = true;
                return Unasked::PartOfRecord;
            }
        }
        Unasked::Bytes
    }

    fn is_empty(&self) -> bool {
        self.input.is_empty() && self.plain == 0 && !self.is_closed && self.below.is_empty()
    }
}

/// What is not over after so many looks, each at a record's length, is more than a server has to say unasked.
const MAX_LOOKS: usize = 8;

/// Has the layer below hold back what is written.
struct Holding<'a>(&'a mut dyn Layer);

impl Write for Holding<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.hold(bytes, &[])?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn server_name(uri: &Uri) -> io::Result<ServerName<'static>> {
    let host = uri.host().unwrap_or_default();
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    ServerName::try_from(bare).map(|name| name.to_owned()).map_err(invalid)
}

/// The longest record: a header of 5 bytes, and 2¹⁴ bytes with room for 2048 more (RFC 5246, 6.2.3;
/// TLS 1.3 allows fewer).
pub(super) const MAX_RECORD: usize = HEADER + (1 << 14) + 2048;

const HEADER: usize = 5;

/// The length of the record that `bytes` begin with, if all of it is there. What cannot be a record
/// counts as one, and rustls says what is wrong with it.
fn whole_record(bytes: &[u8]) -> Option<usize> {
    match *bytes {
        // Change of cipher, alert, handshake, data, heartbeat.
        [20..=24, _, _, high, low, ..] => {
            let length = HEADER + usize::from(u16::from_be_bytes([high, low]));
            if length > MAX_RECORD { Some(bytes.len()) } else { (bytes.len() >= length).then_some(length) }
        }
        [] | [20..=24, ..] => None,
        _ => Some(bytes.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_whole_when_its_length_is_there() {
        assert_eq!(whole_record(&[]), None);
        assert_eq!(whole_record(&[23, 3, 3]), None);
        assert_eq!(whole_record(&[23, 3, 3, 0, 2, 7]), None);
        assert_eq!(whole_record(&[23, 3, 3, 0, 2, 7, 8]), Some(7));
        assert_eq!(whole_record(&[23, 3, 3, 0, 2, 7, 8, 22, 3]), Some(7));
    }

    #[test]
    fn what_cannot_be_a_record_is_given_to_rustls_at_once() {
        assert_eq!(whole_record(b"SSH-2.0-OpenSSH_9.2\r\n"), Some(21));
        assert_eq!(whole_record(b"H"), Some(1));
        assert_eq!(whole_record(&[23, 3, 3, 0xff, 0xff, 0]), Some(6));
    }
}
