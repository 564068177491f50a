//! TLS over any of ureq's transports, with rustls.
//!
//! rustls is given one whole record at a time. What has arrived of the next one stays in the buffer of
//! the transport below, where it can be seen, and so nothing that a server sent unasked can hide in
//! this layer. ureq's own TLS transport lets rustls read ahead, and an answer that waits inside it
//! would be taken for that to the next request.

use std::fmt;
use std::io::{self, Read, Write};
use std::sync::{Arc, OnceLock};

use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore};
use ureq::Error;
use ureq::http::Uri;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, LazyBuffers, NextTimeout, Transport,
};

use super::deadline::Deadline;
use super::exchange::{Look, Unasked};
use super::settings::Settings;

/// Does the handshake on connections to `https://` URLs.
pub(super) struct TlsConnector {
    settings: Arc<Settings>,
    /// Made for the first connection.
    config: OnceLock<Arc<ClientConfig>>,
}

impl TlsConnector {
    pub(super) fn new(settings: Arc<Settings>) -> Self {
        Self { settings, config: OnceLock::new() }
    }

    fn config(&self) -> Arc<ClientConfig> {
        Arc::clone(self.config.get_or_init(|| Arc::new(new_config(&self.settings))))
    }
}

fn new_config(settings: &Settings) -> ClientConfig {
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

impl fmt::Debug for TlsConnector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TlsConnector")
    }
}

impl<In: Look> Connector<In> for TlsConnector {
    type Out = Either<In, TlsTransport<In>>;

    fn connect(&self, details: &ConnectionDetails, chained: Option<In>) -> Result<Option<Self::Out>, Error> {
        let Some(below) = chained else { return Err(Error::ConnectionFailed) };
        if !details.needs_tls() || below.is_tls() {
            return Ok(Some(Either::A(below)));
        }
        let tls = ClientConnection::new(self.config(), server_name(details.uri)?)
            .map_err(|error| Error::Io(invalid(error)))?;
        let buffers =
            LazyBuffers::new(details.config.input_buffer_size(), details.config.output_buffer_size());
        let mut transport = TlsTransport { tls, below, buffers, plain: 0, is_early: false, is_closed: false };
        transport.handshake(Deadline::of(details.timeout))?;
        Ok(Some(Either::B(transport)))
    }
}

fn server_name(uri: &Uri) -> Result<ServerName<'static>, Error> {
    let host = uri.host().unwrap_or_default();
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let name = ServerName::try_from(bare).map_err(|error| Error::Io(invalid(error)))?;
    Ok(name.to_owned())
}

/// TLS on the connection below.
pub(super) struct TlsTransport<In> {
    tls: ClientConnection,
    below: In,
    buffers: LazyBuffers,
    /// Bytes that rustls has decrypted and that have not been taken from it.
    plain: usize,
    /// The next record began to arrive before it was asked for.
    is_early: bool,
    /// The server has said that it sends no more.
    is_closed: bool,
}

impl<In: Look> TlsTransport<In> {
    /// The last message of the handshake is held back below, and goes out with the first request.
    fn handshake(&mut self, deadline: Deadline) -> Result<(), Error> {
        while self.tls.is_handshaking() {
            self.transmit(deadline)?;
            if !self.next_record(deadline)? && !self.below.await_input(deadline.rest()?)? {
                return Err(closed());
            }
        }
        self.transmit(deadline)
    }

    /// Gives what rustls wants to write to the transport below.
    fn transmit(&mut self, deadline: Deadline) -> Result<(), Error> {
        while self.tls.wants_write() {
            let mut output = self.below.buffers().output();
            let written = self.tls.write_tls(&mut output)?;
            if written == 0 {
                return Err(io::Error::from(io::ErrorKind::WriteZero).into());
            }
            self.below.transmit_output(written, deadline.rest()?)?;
        }
        Ok(())
    }

    /// Decrypts the next record; `false` when it has not arrived completely.
    fn next_record(&mut self, deadline: Deadline) -> Result<bool, Error> {
        let input = self.below.buffers().input();
        let Some(length) = whole_record(input) else { return Ok(false) };
        let mut record = input.get(..length).unwrap_or_default();
        while !record.is_empty() && self.tls.read_tls(&mut record)? > 0 {}
        self.below.buffers().input_consume(length);
        let state = self.tls.process_new_packets().map_err(|error| Error::Io(invalid(error)))?;
        self.plain = state.plaintext_bytes_to_read();
        self.is_closed = state.peer_has_closed();
        // TLS's own answers, as to an update of the keys.
        self.transmit(deadline)?;
        if std::mem::take(&mut self.is_early) && self.plain > 0 {
            return Err(invalid("an answer came before the request was whole").into());
        }
        Ok(true)
    }

    /// Moves what is decrypted into the buffer; `false` when there is nothing.
    fn take_plain(&mut self) -> Result<bool, Error> {
        if self.plain == 0 {
            return Ok(false);
        }
        let taken = self.tls.reader().read(self.buffers.input_append_buf())?;
        self.plain = self.plain.saturating_sub(taken);
        self.buffers.input_appended(taken);
        Ok(taken > 0)
    }
}

impl<In: Look> Transport for TlsTransport<In> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let output = self.buffers.output();
        self.tls.writer().write_all(output.get(..amount).unwrap_or(output))?;
        self.transmit(Deadline::of(timeout))
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let deadline = Deadline::of(timeout);
        loop {
            if self.take_plain()? {
                return Ok(true);
            }
            if self.is_closed {
                return Ok(false);
            }
            if !self.next_record(deadline)? && !self.below.await_input(deadline.rest()?)? {
                return Err(closed());
            }
        }
    }

    fn is_open(&mut self) -> bool {
        self.look() == Unasked::Nothing
    }

    fn is_tls(&self) -> bool {
        true
    }
}

impl<In: Look> Look for TlsTransport<In> {
    /// Messages of TLS's own, such as session tickets, may come at any time and are no answer.
    fn look(&mut self) -> Unasked {
        if !self.buffers.input().is_empty() || self.plain > 0 {
            return Unasked::Bytes;
        }
        if self.below.look() == Unasked::End {
            return Unasked::End;
        }
        if self.below.buffers().input_append_buf().is_empty() {
            // There may be more in the socket, and no server has so much to say unasked.
            return Unasked::Bytes;
        }
        while self.plain == 0 {
            match self.next_record(Deadline::of(NextTimeout::default())) {
                Ok(true) => {}
                Ok(false) if self.is_closed => return Unasked::End,
                Ok(false) if self.below.buffers().input().is_empty() => return Unasked::Nothing,
                Ok(false) => {
                    self.is_early = true;
                    return Unasked::PartOfRecord;
                }
                Err(_) => return Unasked::Bytes,
            }
        }
        Unasked::Bytes
    }

    fn is_empty(&mut self) -> bool {
        self.buffers.input().is_empty() && self.plain == 0 && !self.is_closed && self.below.is_empty()
    }

    fn send_most(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.below.send_most(timeout)
    }

    fn flush(&mut self, timeout: NextTimeout) -> Result<(), Error> {
        self.below.flush(timeout)
    }
}

impl<In> fmt::Debug for TlsTransport<In> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("TlsTransport").finish_non_exhaustive()
    }
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

fn closed() -> Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "it was closed by the other side").into()
}

fn invalid(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
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
