//! Shared by the Users, Invites and Members pages: the lists, the invite form and their handlers.

use crate::{
    base::{ApiKeyId, EmailAddress, InvitationId, Problem, UserId},
    invitations::{
        islands::{PersonFields, TeamIdentity, TeamPanel, TeamPart},
        model::{Team, TeamAction, TeamOutcome},
        server::team_invites::{self, UserInvite},
        words::team_words,
    },
    server::{Fault, form::Fields},
    ui::{Button, ButtonKind, FormActions, LinkButton, Panel},
    web::{Post, PostResult, Redirect, Visit, form_errors, form_identity},
};
use leptos::prelude::*;

/// The lists of a team. `invite` is the path of the page with the invite form.
pub async fn lists(
    visit: &Visit,
    team: Team,
    part: TeamPart,
    can_manage: bool,
    invite: String,
) -> Result<AnyView, Fault> {
    let mut conn = visit.cx.read().await?;
    let lists = team_invites::load_lists(&mut conn, team).await?;
    let errors = visit.back.as_ref().map(form_errors);
    let path = visit.path.split('?').next().unwrap_or_default().to_owned();
    Ok(view! { {errors}<TeamPanel lists part can_manage path invite /> }.into_any())
}

/// The invite form as a page of its own. `back` is the path of the list.
pub fn invite_form(visit: &Visit, team: Team, back: String) -> AnyView {
    let form = visit.form("invite");
    let errors = form_errors(&form);
    let path = visit.path.split('?').next().unwrap_or_default().to_owned();
    let fields = RwSignal::new(form);
    view! {
        <Panel title=team_words(team).invite>
            <form class="form" method="post" action=path novalidate>
                {form_identity("invite", None)}
                <TeamIdentity team />
                {errors}
                <PersonFields team back=fields />
                <FormActions>
                    <Button kind=ButtonKind::Primary>"Send invite"</Button>
                    <LinkButton href=back kind=ButtonKind::Quiet>"Cancel"</LinkButton>
                </FormActions>
            </form>
        </Panel>
    }
    .into_any()
}

/// Handles the invite form and redirects to the list.
pub async fn post_invite(post: &Post, team: Team, to: String) -> PostResult {
    post.cx.viewer()?;
    let request = UserInvite::parse(team, EmailAddress::parse_typed(post.fields.get("email")), post.fields.get("role"));
    let request = match request {
        Ok(request) => request,
        // A missing permission comes before an error in the fields.
        Err(refused) => {
            let mut conn = post.cx.read().await?;
            team_invites::inviter(&mut conn, team).await?;
            return Err(refused);
        }
    };
    let outcome = post.cx.write(request, |tx, request| Box::pin(team_invites::invite(tx, request))).await?;
    Ok(Redirect::to(to).with_message(TeamOutcome::Sent(outcome).message()))
}

/// Handles the buttons in the lists.
pub async fn post_act(post: &Post, team: Team, to: String) -> PostResult {
    post.cx.viewer()?;
    let act = match act_of(&post.fields, team) {
        Ok(act) => act,
        // A missing permission comes before an unreadable action.
        Err(refused) => {
            let mut conn = post.cx.read().await?;
            team_invites::inviter(&mut conn, team).await?;
            return Err(refused);
        }
    };
    let done = post.cx.write((team, act), |tx, input| Box::pin(team_invites::act(tx, input))).await?;
    Ok(Redirect::to(to).with_message(done.message()))
}

fn act_of(fields: &Fields, team: Team) -> Result<TeamAction, Fault> {
    Ok(match fields.get("form") {
        "resend" => TeamAction::Resend(fields.id::<InvitationId>("invitation")?),
        "revoke" => TeamAction::Revoke(fields.id::<InvitationId>("invitation")?),
        "role" => {
            let role = |name| team.role(fields.get(name)).map_err(|problem| Fault::field("role", problem));
            TeamAction::SetRole(fields.id::<UserId>("user")?, role("shown")?, role("role")?)
        }
        "remove" => {
            let keys = fields.all("key").map(|key| key.parse::<ApiKeyId>().map_err(|_| Fault::NOT_FOUND));
            TeamAction::Remove(fields.id::<UserId>("user")?, keys.collect::<Result<_, _>>()?)
        }
        _ => return Err(Problem::RequestUnreadable.into()),
    })
}
