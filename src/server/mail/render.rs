//! Renders a letter as text and HTML.
//!
//! The HTML works in common mail programs: tables with inline styles, which Outlook and Gmail support, at most 600
//! pixels wide, with a dark mode. No images, no external resources, no tracking. The colours match `style/tokens.css`.

use super::{
    Block, Letter, Link, MailSecret, Reason,
    unlink::{self, Part},
};
use crate::server::config::BaseUrl;
use std::fmt::Write;

const STYLE: &str = include_str!("mail.css");
const FONT: &str = "font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;";
const BODY: &str = "margin:0 0 16px;font-size:16px;line-height:24px;color:#1a1a25;";
const STOP: &str = "Stop invitations from Accord to this address";
const QUIET: &str = "margin:0 0 16px;font-size:13px;line-height:20px;color:#5a5a6d;";

/// A letter ready to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    pub subject: String,
    pub text: String,
    pub html: String,
    /// The URLs it links to, each once, in order.
    pub links: Vec<String>,
    /// Where the recipient stops emails of this kind (RFC 2369, RFC 8058).
    pub stop: Option<String>,
}

/// Fails if the letter needs a secret and there is none.
pub fn render(letter: &Letter, base: &BaseUrl, secret: Option<&MailSecret>) -> Result<Rendered, Reason> {
    let whole = &letter.mentioned;
    let mut links = Vec::new();
    let mut text = format!("{}\n\n", unlink::plain(&letter.headline, whole));
    let mut html = String::new();
    for block in &letter.blocks {
        let url = match block {
            Block::Button { link, .. } | Block::PlainLink { link, .. } => address(link, base, secret)?,
            _ => String::new(),
        };
        html.push_str(&html_of(block, &url, whole));
        // In the text part, a button already shows its URL, so it is not repeated.
        if links.contains(&url) {
            continue;
        }
        text.push_str(&text_of(block, &url, whole));
        text.push_str("\n\n");
        if !url.is_empty() {
            links.push(url);
        }
    }
    let stop = letter.stop.as_ref().map(|link| address(link, base, secret)).transpose()?;
    // Two hyphens and a space start a signature, which mail programs set apart.
    let _infallible = write!(text, "-- \n{}\n", unlink::plain(&letter.why, whole));
    if let Some(stop) = &stop {
        let _infallible = writeln!(text, "{STOP}: {stop}");
        links.push(stop.clone());
    }
    let _infallible = writeln!(text, "Accord, {}", base.origin());
    let html = page(letter, base, &html, stop.as_deref());
    Ok(Rendered { subject: unlink::plain(&letter.subject, whole), text, html, links, stop })
}

fn address(link: &Link, base: &BaseUrl, secret: Option<&MailSecret>) -> Result<String, Reason> {
    let (prefix, secret) = match link {
        Link::Path(path) => return Ok(base.join(path)),
        Link::Secret { prefix } => (prefix, secret.map(|secret| &secret.link)),
        Link::Stop { prefix } => (prefix, secret.and_then(|secret| secret.stop.as_ref())),
    };
    Ok(base.join(&format!("{prefix}{}", secret.ok_or(Reason::SecretLost)?)))
}

fn text_of(block: &Block, url: &str, whole: &[String]) -> String {
    let plain = |text: &str| unlink::plain(text, whole);
    match block {
        Block::Text(text) | Block::Small(text) => plain(text),
        Block::Facts(facts) => lines(facts.iter().map(|(label, value)| format!("{}: {}", plain(label), plain(value)))),
        Block::Note { from, text } => {
            let text = plain(text);
            let quoted = text.lines().map(|line| format!("> {line}").trim_end().to_owned());
            format!("{}:\n{}", plain(from), lines(quoted))
        }
        Block::Button { label, .. } => format!("{}:\n{url}", plain(label)),
        Block::PlainLink { intro, .. } => format!("{}\n{url}", plain(intro)),
        Block::List(points) => lines(points.iter().map(|point| format!("- {}", plain(point)))),
    }
}

fn lines(lines: impl Iterator<Item = String>) -> String {
    lines.collect::<Vec<_>>().join("\n")
}

fn html_of(block: &Block, url: &str, whole: &[String]) -> String {
    let prose = |text: &str| prose(text, whole);
    match block {
        Block::Text(text) => format!(r#"<p class="ink" style="{BODY}">{}</p>"#, prose(text)),
        Block::Small(text) => format!(r#"<p class="quiet" style="{QUIET}">{}</p>"#, prose(text)),
        Block::Facts(facts) => {
            let rows: String = facts.iter().map(|(label, value)| fact(&prose(label), &prose(value))).collect();
            table("width:100%;margin:0 0 16px;", &rows)
        }
        Block::Note { from, text } => table(
            "width:100%;margin:0 0 16px;",
            &format!(
                r#"<tr><td class="note" style="border-left:3px solid #4b45c6;background-color:#eeedfc;padding:12px 16px;{FONT}font-size:16px;line-height:24px;color:#1a1a25;word-break:break-word;"><strong>{}</strong><br>{}</td></tr>"#,
                prose(from),
                prose(text),
            ),
        ),
        Block::Button { label, .. } => table(
            "margin:8px 0 24px;",
            &format!(
                r##"<tr><td align="center" bgcolor="#4b45c6" style="border-radius:6px;background-color:#4b45c6;mso-padding-alt:12px 24px;"><a href="{}" style="display:inline-block;padding:12px 24px;{FONT}font-size:16px;line-height:24px;font-weight:600;color:#ffffff;text-decoration:none;border-radius:6px;">{}</a></td></tr>"##,
                escape(url),
                escape(label),
            ),
        ),
        Block::PlainLink { intro, .. } => {
            let url = escape(url);
            format!(
                r#"<p class="quiet" style="{QUIET}">{}<br><a class="link" href="{url}" style="color:#4b45c6;word-break:break-all;">{url}</a></p>"#,
                prose(intro),
            )
        }
        Block::List(points) => {
            let items: String = points.iter().map(|point| format!("<li>{}</li>", prose(point))).collect();
            format!(r#"<ul class="ink" style="{BODY}padding:0 0 0 24px;">{items}</ul>"#)
        }
    }
}

/// A row of facts, from HTML.
fn fact(label: &str, value: &str) -> String {
    let cell = format!("{FONT}font-size:14px;line-height:20px;padding:6px 0;border-bottom:1px solid #e3e3ec;");
    format!(
        r#"<tr><td class="quiet rule" valign="top" style="{cell}padding-right:16px;color:#5a5a6d;word-break:normal;">{label}</td><td class="ink rule" valign="top" style="{cell}color:#1a1a25;word-break:break-word;">{value}</td></tr>"#
    )
}

fn table(style: &str, rows: &str) -> String {
    format!(
        r#"<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="border-collapse:separate;{style}">{rows}</table>"#
    )
}

/// The frame around the blocks. The comments are tables for Outlook, which does not support `max-width`.
fn page(letter: &Letter, base: &BaseUrl, blocks: &str, stop: Option<&str>) -> String {
    let prose = |text: &str| prose(text, &letter.mentioned);
    let stop = stop.map_or_else(String::new, |url| {
        format!(r#"<br><a class="quiet" href="{}" style="color:#5a5a6d;">{STOP}</a>"#, escape(url))
    });
    format!(
        r##"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no, date=no, address=no, email=no, url=no">
<title>{subject}</title>
<style>
{STYLE}</style>
</head>
<body class="page" style="margin:0;padding:0;background-color:#fafafc;-webkit-text-size-adjust:100%;">
<div style="display:none;max-height:0;overflow:hidden;mso-hide:all;">{preheader}</div>
<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" border="0" bgcolor="#fafafc" style="background-color:#fafafc;">
<tr><td align="center" style="padding:24px 12px;">
<!--[if mso]><table role="presentation" width="600" cellpadding="0" cellspacing="0" border="0"><tr><td><![endif]-->
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:600px;">
<tr><td class="mark" style="padding:0 4px 16px;{FONT}font-size:20px;line-height:24px;font-weight:700;color:#4b45c6;">Accord</td></tr>
<tr><td class="card" bgcolor="#ffffff" style="background-color:#ffffff;border:1px solid #e3e3ec;border-radius:6px;padding:32px 32px 16px;{FONT}word-break:break-word;">
<h1 class="ink" style="margin:0 0 16px;font-size:22px;line-height:28px;font-weight:600;color:#1a1a25;">{headline}</h1>
{blocks}
</td></tr>
<tr><td class="quiet" style="padding:16px 4px 0;{FONT}font-size:13px;line-height:20px;color:#5a5a6d;">{why}{stop}<br><a class="quiet" href="{origin}/" style="color:#5a5a6d;">Accord</a></td></tr>
</table>
<!--[if mso]></td></tr></table><![endif]-->
</td></tr>
</table>
</body>
</html>
"##,
        subject = escape(&unlink::plain(&letter.subject, &letter.mentioned)),
        preheader = prose(&letter.preheader),
        headline = prose(&letter.headline),
        why = prose(&letter.why),
        origin = escape(base.origin()),
    )
}

fn escape(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut html, c| {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            _ => html.push(c),
        }
        html
    })
}

/// Text with line breaks, in which nothing becomes a link: each joint is in a separate element.
fn prose(text: &str, whole: &[String]) -> String {
    let parts = unlink::parts(text, whole).into_iter().map(|part| match part {
        Part::Text(text) => escape(text).replace('\n', "<br>"),
        Part::Joint(joint) => format!("<span>{joint}</span>"),
    });
    parts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> BaseUrl {
        BaseUrl::parse("https://accord.example").unwrap()
    }

    fn secret(link: &str) -> MailSecret {
        MailSecret { link: link.to_owned(), stop: None }
    }

    fn invitation(company: &str) -> Letter {
        Letter::new("Invitation to supply leads", &format!("{company} invites you"))
            .preheader("Open until 5 December")
            .text("First line\nsecond line")
            .facts([("Company", company), ("Invited", "ann@buyer.example")])
            .mentioning("ann@buyer.example")
            .note("Ann Lee", "Hi,\n\nwelcome")
            .button("Open the invitation", Link::secret("/i/"))
            .plain_link("Or copy this address:", Link::secret("/i/"))
            .list(["one", "two"])
            .small_print("Not you? Ignore this email.")
            .why("You got this email because Ann invited you.")
    }

    #[test]
    fn the_text_part_contains_everything_and_the_full_link() {
        let mail = render(&invitation("Acme"), &base(), Some(&secret("5ec3e7"))).unwrap();
        assert_eq!(
            mail.text,
            "Acme invites you\n\nFirst line\nsecond line\n\nCompany: Acme\nInvited: ann@buyer.example\n\n\
             Ann Lee:\n> Hi,\n>\n> welcome\n\nOpen the invitation:\nhttps://accord.example/i/5ec3e7\n\n\
             - one\n- two\n\nNot you? Ignore this email.\n\n\
             -- \nYou got this email because Ann invited you.\nAccord, https://accord.example\n"
        );
        assert_eq!(mail.links, ["https://accord.example/i/5ec3e7"]);
    }

    #[test]
    fn markup_in_a_name_is_escaped() {
        let mail = render(&invitation("<img src=x onerror=alert(1)>\"'&"), &base(), Some(&secret("s"))).unwrap();
        assert!(!mail.html.contains("<img"));
        assert!(mail.html.contains("&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp; invites you"));
        let subject = render(&Letter::new("</title><script>", "h"), &base(), None).unwrap();
        assert!(subject.html.contains("<title>&lt;/title&gt;&lt;script&gt;</title>"));
    }

    #[test]
    fn a_url_in_a_name_does_not_become_a_link() {
        assert_eq!(prose("at evil.com.", &[]), "at evil<span>.</span>com.");
        assert_eq!(prose("https://evil.com/x", &[]), "https<span>:</span>//evil<span>.</span>com/x");
        assert_eq!(prose("x@evil.com/path", &[]), "x@evil<span>.</span>com/path");
        assert_eq!(prose("mail ann@acme.example\nnow", &[]), "mail ann@acme<span>.</span>example<br>now");
        let whole = ["ann@acme.example".to_owned()];
        assert_eq!(prose("mail ann@acme.example\nnow", &whole), "mail ann@acme.example<br>now");
        let mail = render(&invitation("Great bargains at evil.com"), &base(), Some(&secret("s"))).unwrap();
        assert!(!mail.html.contains("evil.com"));
    }

    #[test]
    fn a_letter_without_its_secret_is_not_rendered() {
        assert_eq!(render(&invitation("Acme"), &base(), None), Err(Reason::SecretLost));
    }

    #[test]
    fn no_resources_are_loaded_and_every_link_leads_to_accord() {
        let mail = render(&invitation("Acme"), &base(), Some(&secret("s"))).unwrap();
        for what in ["<img", "src=", "@import", "url(", "<script", "<link"] {
            assert!(!mail.html.contains(what), "{what}");
        }
        assert!(mail.html.split("href=\"").skip(1).all(|link| link.starts_with("https://accord.example/")));
    }
}
