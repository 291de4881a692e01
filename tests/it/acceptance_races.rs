//! Two concurrent actions: one succeeds, and the other reports what happened.

use crate::support::{
    Actor,
    stage::{SELLER, Stage},
};
use accord::{accounts::model::Role, base::paths};
use time::Duration;

const ROUNDS: usize = 5;

#[tokio::test]
async fn only_one_of_concurrent_accept_and_revoke_wins_and_the_other_sees_what_happened() {
    for _ in 0..ROUNDS {
        let stage = Stage::pending().await;
        let seller = stage.seller().await;
        let invitation = seller.open_link(&stage.link).await;
        let (accepted, revoked) = tokio::join!(seller.accept(invitation), stage.buyer.revoke(invitation));
        let state = stage.app.invitation_row(invitation).await.state;
        let connections = stage.app.count("connections").await;
        match (accepted.status.as_u16(), revoked.status.as_u16()) {
            (303, 409) => assert_eq!((state.as_str(), connections), ("accepted", 1)),
            (410, 303) => {
                assert_eq!((state.as_str(), connections), ("revoked", 0));
                accepted.shows("This invitation was revoked");
            }
            other => panic!("{other:?}: {} | {}", accepted.text(), revoked.text()),
        }
    }
}

#[tokio::test]
async fn an_invitation_accepted_during_a_resend_stays_accepted() {
    for _ in 0..ROUNDS {
        let stage = Stage::pending().await;
        let seller = stage.seller().await;
        let invitation = seller.open_link(&stage.link).await;
        stage.app.advance(Duration::minutes(2));
        let (accepted, resent) = tokio::join!(seller.accept(invitation), stage.buyer.act("resend", invitation));
        let state = stage.app.invitation_row(invitation).await.state;
        match (accepted.status.as_u16(), resent.status.as_u16()) {
            (303, 409) => assert_eq!(state, "accepted"),
            (410, 303) => {
                assert_eq!(state, "pending");
                accepted.shows("A newer invitation was sent");
                let newer = stage.app.link_to(SELLER).await;
                seller.open_link(&newer).await;
                seller.accept(invitation).await.expect(303);
            }
            other => panic!("{other:?}: {} | {}", accepted.text(), resent.text()),
        }
        assert_eq!(
            stage.app.count("connections").await,
            i64::from(stage.app.invitation_row(invitation).await.state == "accepted")
        );
    }
}

#[tokio::test]
async fn only_one_of_two_companies_accepting_at_the_same_time_is_connected() {
    for _ in 0..ROUNDS {
        let stage = Stage::pending().await;
        let one = stage.seller().await;
        let two = stage.app.admin("Di", "di@other.example", "Other Leads", None, false).await;
        let invitation = one.open_link(&stage.link).await;
        two.open_link(&stage.link).await;
        let (first, second) = tokio::join!(one.accept(invitation), two.accept_confirmed(invitation));
        let (winner, loser): (&Actor, _) = match (first.status.as_u16(), second.status.as_u16()) {
            (303, 410) => (&one, second),
            (410, 303) => (&two, first),
            other => panic!("{other:?}"),
        };
        loser.shows("This invitation was already accepted");
        assert_eq!(stage.app.invitation_row(invitation).await.accepted_account_id, Some(winner.account()));
        assert_eq!(stage.app.count("connections").await, 1);
        assert_eq!(stage.app.count("notices where kind = 'accepted'").await, 1);
        assert_eq!(stage.app.mails_to(&stage.buyer.email).await.len(), 1);
        assert_eq!(stage.buyer.only_source(stage.flow).await.name, winner.company);
    }
}

#[tokio::test]
async fn only_one_of_concurrent_readdress_and_accept_happens() {
    for _ in 0..ROUNDS {
        let stage = Stage::pending().await;
        let seller = stage.seller().await;
        let invitation = seller.open_link(&stage.link).await;
        let (accepted, moved) =
            tokio::join!(seller.accept(invitation), stage.buyer.readdress(invitation, "di@other.example"));
        let name = stage.app.source(stage.source).await.entity_name;
        match (accepted.status.as_u16(), moved.status.as_u16()) {
            (303, 409) => assert_eq!(name, "Lead Harbor"),
            (410, 303) => assert_eq!(name, "di@other.example"),
            other => panic!("{other:?}: {} | {}", accepted.text(), moved.text()),
        }
    }
}

#[tokio::test]
async fn removed_or_demoted_people_cannot_accept_on_an_open_page() {
    let stage = Stage::pending().await;
    let owner = stage.app.admin("Max", "max@harbor.example", "Lead Harbor", None, true).await;
    let seller = stage.app.member(&owner, Role::Admin, "Cy Seller", SELLER).await;
    let invitation = seller.open_link(&stage.link).await;
    seller.get(&paths::invitation(invitation)).await.expect(200).shows("Accept Invite to Connect");
    stage.app.execute("update members set role = 'viewer' where user_id = (select id from users where email = 'cy@seller.example')").await.unwrap();
    seller.accept(invitation).await.expect(403);
    stage
        .app
        .execute("delete from members where user_id = (select id from users where email = 'cy@seller.example')")
        .await
        .unwrap();
    seller.accept(invitation).await.expect(404);
    assert_eq!(stage.app.invitation_row(invitation).await.state, "pending");
}

#[tokio::test]
async fn inviting_again_during_an_acceptance_makes_no_second_source() {
    for _ in 0..ROUNDS {
        let stage = Stage::pending().await;
        let seller = stage.seller().await;
        let invitation = seller.open_link(&stage.link).await;
        let other = stage.buyer.create_flow("Roofing").await;
        let (accepted, invited) = tokio::join!(seller.accept(invitation), stage.buyer.invite(other, SELLER, ""));
        accepted.expect(303);
        invited.expect(303);
        assert_eq!(stage.app.count("invitations").await, 1);
        assert_eq!(stage.app.count("entities where kind = 'account' and source is not null").await, 1);
        let row = stage.buyer.only_source(other).await;
        assert_eq!((row.name.as_str(), row.is_on()), ("Lead Harbor", true));
    }
}
