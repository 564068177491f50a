//! A transport that leaves nothing of what it sent in its buffer: a kept connection would hold the
//! last request, and with it the token, for as long as it lives.

use ureq::Error;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};
use zeroize::Zeroize;

/// Wraps the connection that requests are written to, above TLS.
#[derive(Debug)]
pub(super) struct WipedConnector;

impl<In: Transport> Connector<In> for WipedConnector {
    type Out = WipedTransport<In>;

    fn connect(&self, _: &ConnectionDetails, chained: Option<In>) -> Result<Option<Self::Out>, Error> {
        Ok(chained.map(WipedTransport))
    }
}

#[derive(Debug)]
pub(super) struct WipedTransport<In>(In);

impl<In: Transport> Transport for WipedTransport<In> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.0.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let sent = self.0.transmit_output(amount, timeout);
        if let Some(output) = self.0.buffers().output().get_mut(..amount) {
            output.zeroize();
        }
        sent
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.0.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.0.is_open()
    }

    fn is_tls(&self) -> bool {
        self.0.is_tls()
    }
}
