//! Deliveries by https: the certificate must be valid for the address, from a known authority or that of `DELIVERY_CA`.

use super::World;
use crate::support::TestApp;
use accord::deliveries::server::worker;
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use std::{fs, sync::Arc};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};

struct Authority {
    certificate: rcgen::Certificate,
    key: KeyPair,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Self { certificate: params.self_signed(&key).unwrap(), key }
    }

    /// Starts a server with a certificate for this name, which answers 200 to everything. Returns its URL.
    async fn serve(&self, name: &str) -> String {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.certificate, &self.key).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![CertificateDer::from(certificate)], key)
            .unwrap();
        let (acceptor, listener) =
            (TlsAcceptor::from(Arc::new(config)), TcpListener::bind("127.0.0.1:0").await.unwrap());
        let url = format!("https://127.0.0.1:{}/in", listener.local_addr().unwrap().port());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // A client that does not trust the certificate hangs up.
                let Ok(mut stream) = acceptor.accept(stream).await else { continue };
                let mut buffer = [0; 16 << 10];
                let _read = stream.read(&mut buffer).await;
                let _sent =
                    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await;
                let _closed = stream.shutdown().await;
            }
        });
        url
    }
}

/// The last answer that the log of the delivery shows.
async fn attempt(world: &World, app: &TestApp, url: &str) -> String {
    let (id, _) = world.added(&[("url", url)]).await;
    let lead = world.lead("a@b.example").await;
    worker::deliver_due(&app.state).await.unwrap();
    let row = world.buyer.get(&world.path(id)).await.expect(200).row_with(&lead.to_string());
    world.post(id, "switch", &[("state", "off")]).await.expect(303);
    row
}

#[tokio::test]
async fn only_a_valid_certificate_is_accepted() {
    let world = World::new().await;
    let (known, unknown) = (Authority::new(), Authority::new());
    let file = std::env::temp_dir().join(format!("accord-authority-{}.pem", world.flow));
    fs::write(&file, known.certificate.pem()).unwrap();
    let variables = [("DELIVERY_ALLOW", "127.0.0.0/8"), ("DELIVERY_CA", file.to_str().unwrap())];
    let app = world.app.restart_with(&variables).await;
    fs::remove_file(&file).unwrap();
    let valid = known.serve("127.0.0.1").await;
    assert!(attempt(&world, &app, &valid).await.contains("Status 200"));
    let refused = "The certificate of the server is not valid for this address.";
    for url in [known.serve("crm.example").await, unknown.serve("127.0.0.1").await] {
        let row = attempt(&world, &app, &url).await;
        assert!(row.contains(refused), "{row}");
    }
    let row = attempt(&world, &world.app, &valid).await;
    assert!(row.contains(refused), "without DELIVERY_CA: {row}");
    let plain = world.to.url().replace("http://", "https://");
    let row = attempt(&world, &app, &plain).await;
    assert!(row.contains("No secure connection could be made."), "no TLS at all: {row}");
}
