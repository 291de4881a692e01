//! The confirmation page before a connection is ended.

use crate::{
    accounts::model::Permission,
    base::{ConnectionId, paths},
    entities::{model::Direction, routes::Message, server::connections},
    flows::server as flows,
    reports::server::{ConnectionRow, find_connection},
    server::{Fault, clock},
    ui::Tone,
    web::{Confirm, ConfirmForm, PageResult, Post, PostResult, Redirect, Visit, consequences},
};

pub async fn disconnect_page(visit: Visit) -> PageResult {
    let id: ConnectionId = visit.id("connection_id")?;
    let mut conn = visit.cx.read().await?;
    let (_, actor) = connections::find_for(&mut conn, id, Permission::Invite).await?;
    let row = find_connection(&mut conn, actor.account_id, id).await?.ok_or(Fault::NOT_FOUND)?;
    drop(conn);
    let title = format!("Disconnect from {}?", row.other_name);
    let breadcrumb = vec![("Connections".to_owned(), paths::CONNECTIONS.to_owned())];
    let confirm = Confirm::new(title.clone(), breadcrumb, paths::CONNECTIONS.to_owned()).lead(format!(
        "{} {}. The connection ends immediately.",
        row.other_name,
        row.direction.word()
    ));
    let confirm = match row.disconnected_at {
        Some(at) => confirm.no_longer_open(Tone::Info, format!("This connection already ended on {}.", clock::day(at))),
        None => confirm.form(
            &visit,
            ConfirmForm {
                name: "disconnect",
                action: paths::disconnect(id),
                acting: actor.account_id,
                hidden: None,
                body: consequences(effects(&row)),
                button: "Disconnect",
            },
        ),
    };
    Ok(confirm.screen(title, "connections"))
}

/// The consequences of disconnecting, for the viewer's side.
fn effects(row: &ConnectionRow) -> Vec<String> {
    let (name, flows) = (&row.other_name, count(row.flows.0.len()));
    let email = format!("We'll email the Admins of {name}.");
    match row.direction {
        Direction::Seller => vec![
            format!("{name} loses access to {flows}. Its sources are turned off and its leads are refused."),
            format!("{name} no longer sees your Submission Docs and its performance."),
            "You keep its leads, rules and mappings.".to_owned(),
            "To reconnect, either of you can invite the other. After acceptance, the sources turned off now are turned back on."
                .to_owned(),
            email,
        ],
        Direction::Buyer => vec![
            format!("You lose access to {flows} of {name}. Leads you send there are refused."),
            format!("You no longer see the Submission Docs of {name} and your performance there."),
            format!("{name} keeps the leads you have sent."),
            "To reconnect, either of you can invite the other.".to_owned(),
            email,
        ],
    }
}

fn count(flows: usize) -> String {
    match flows {
        1 => "1 flow".to_owned(),
        flows => format!("{flows} flows"),
    }
}

pub async fn post_disconnect(post: Post) -> PostResult {
    let account_id = post.fields.acting_account(&post.cx)?;
    let id: ConnectionId = post.id("connection_id")?;
    post.cx.write((account_id, id), |tx, (account_id, id)| Box::pin(flows::disconnect(tx, account_id, id))).await?;
    Ok(Redirect::to(paths::CONNECTIONS).with_message(Message::Disconnected))
}
