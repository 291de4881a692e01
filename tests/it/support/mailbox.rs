//! The emails people received.

use super::TestApp;
use accord::server::mail::{DevMail, mailbox};

impl TestApp {
    /// All emails to an address, newest first, after everything due was sent.
    pub async fn mails_to(&self, address: &str) -> Vec<DevMail> {
        self.deliver().await;
        let mut conn = self.state.pool.acquire().await.unwrap();
        let mut mails = mailbox::list(&mut conn, 500).await.unwrap();
        mails.retain(|mail| mail.to == address);
        mails
    }

    /// The latest email to an address.
    pub async fn mail_to(&self, address: &str) -> DevMail {
        let mails = self.mails_to(address).await;
        mails.into_iter().next().unwrap_or_else(|| panic!("no mail to {address}"))
    }

    /// The path of the secret link in the latest email to an address.
    pub async fn link_to(&self, address: &str) -> String {
        let mail = self.mail_to(address).await;
        self.path_of(&mail.links[0])
    }

    /// The path of a link to this application.
    pub fn path_of(&self, link: &str) -> String {
        let origin = self.state.config.base_url.origin();
        link.strip_prefix(origin).unwrap_or_else(|| panic!("{link} leads elsewhere")).to_owned()
    }
}
