//! The development mailbox: every email Accord would have sent, as the recipient sees it.

use crate::{
    base::{MailId, paths},
    server::{
        Fault,
        mail::{DevMail, mailbox},
    },
    ui::{Cell, CodeBlock, Column, Crumb, DataTable, EmptyState, Icon, KeyValues, PageHeader, TabLink, Tabs, TimeAgo},
    web::{PageResult, Screen, Visit},
};
use leptos::prelude::*;
use time::{OffsetDateTime, format_description::well_known::Rfc3339, macros::format_description};

pub use crate::server::mail::mailbox::{html, json};

/// Maximum number of emails in the list.
const LIMIT: i64 = 200;

pub async fn mailbox_page(visit: Visit) -> PageResult {
    let mails = mailbox::list(&mut *visit.cx.read().await?, LIMIT).await?;
    Ok(Screen::wide("Mailbox", view! { <MailboxList mails /> }))
}

pub async fn mail_page(visit: Visit) -> PageResult {
    let mail = mailbox::find(&mut *visit.cx.read().await?, visit.id("mail_id")?).await?.ok_or(Fault::NOT_FOUND)?;
    let shown = View::parse(&visit.query("view"));
    Ok(Screen::wide(mail.subject.clone(), view! { <MailboxMail mail shown /> }))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum View {
    Html,
    Text,
    Source,
}

impl View {
    fn parse(name: &str) -> Self {
        match name {
            "text" => Self::Text,
            "source" => Self::Source,
            _ => Self::Html,
        }
    }

    fn tab(self, mail: MailId, shown: Self) -> TabLink {
        let (name, label) = match self {
            Self::Html => ("html", "HTML"),
            Self::Text => ("text", "Text"),
            Self::Source => ("source", "Source"),
        };
        let href = format!("{}/{mail}?view={name}", paths::MAILBOX);
        TabLink { href, label: label.to_owned(), current: self == shown, count: None }
    }
}

#[component]
fn MailboxList(mails: Vec<DevMail>) -> impl IntoView {
    let head = vec![Column::new("Subject"), Column::new("To"), Column::new("Sent")];
    let list = if mails.is_empty() {
        view! { <EmptyState icon=Icon::Mail title="No email yet" text="Invite a partner to see the invitation here." /> }
            .into_any()
    } else {
        let rows = mails.into_iter().map(|mail| view! { <MailRow mail /> }).collect_view();
        view! {
            <DataTable caption="Emails, newest first" head>
                {rows}
            </DataTable>
        }
        .into_any()
    };
    view! {
        <PageHeader title="Mailbox" lead="No mail server is configured, so emails appear here instead of being sent." />
        {list}
    }
}

#[component]
fn MailRow(mail: DevMail) -> impl IntoView {
    view! {
        <tr>
            <Cell>
                <a href=format!("{}/{}", paths::MAILBOX, mail.id)>{mail.subject}</a>
            </Cell>
            <Cell label="To">{mail.to}</Cell>
            <Cell label="Sent">{moment(mail.at)}</Cell>
        </tr>
    }
}

#[component]
fn MailboxMail(mail: DevMail, shown: View) -> impl IntoView {
    let tabs = [View::Html, View::Text, View::Source].map(|view| view.tab(mail.id, shown)).to_vec();
    let breadcrumb: Vec<Crumb> = vec![("Mailbox".to_owned(), paths::MAILBOX.to_owned())];
    let facts = vec![
        ("To".to_owned(), mail.to.into_any()),
        ("Sent".to_owned(), moment(mail.at).into_any()),
        link_fact(mail.links),
    ];
    let body = match shown {
        View::Html => {
            let src = format!("{}/{}/html", paths::MAILBOX, mail.id);
            let sandbox = "allow-popups allow-popups-to-escape-sandbox";
            view! { <iframe class="mail-frame" src=src sandbox=sandbox title="The email as HTML" width="100%" height="720" /> }
                .into_any()
        }
        View::Text => view! { <CodeBlock code=mail.text label="The email as text" /> }.into_any(),
        View::Source => view! { <CodeBlock code=mail.source label="The whole message" /> }.into_any(),
    };
    view! {
        <PageHeader title=mail.subject breadcrumb />
        <KeyValues items=facts />
        <Tabs label="Views" tabs />
        {body}
    }
}

fn link_fact(links: Vec<String>) -> (String, AnyView) {
    let item = |link: String| {
        let href = link.clone();
        view! { <li><a href=href>{link}</a></li> }
    };
    let items = links.into_iter().map(item).collect_view();
    ("Links".to_owned(), view! { <ul class="mail-links">{items}</ul> }.into_any())
}

fn moment(at: OffsetDateTime) -> impl IntoView {
    let text = at.format(format_description!("[year]-[month]-[day] [hour]:[minute]:[second] UTC")).unwrap_or_default();
    view! { <TimeAgo at_iso=at.format(&Rfc3339).unwrap_or_default() relative=text.clone() absolute=text /> }
}
