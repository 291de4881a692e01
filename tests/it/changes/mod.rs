//! A change that was acknowledged by one process holds for every lead whose submission begins afterwards, at any
//! process, and turning it back refuses nobody.

mod kinds;
mod load;
mod scene;

use crate::support::{TestApp, process::Process};
use futures::future::{join, join_all};
use kinds::Kind;
use load::Load;
use scene::Scene;
use std::time::Duration;

/// Far more than all changes take on a busy machine: a sender that is never answered must fail the test.
const DEADLINE: Duration = Duration::from_secs(300);

#[tokio::test]
async fn every_lead_that_begins_after_an_acknowledged_change_obeys_it_at_every_process() {
    let app = TestApp::start().await;
    let processes = join(Process::start(&app), Process::start(&app)).await.into();
    let mut scenes = Vec::new();
    for kind in Kind::ALL {
        scenes.push(Scene::prepare(&app, kind).await);
    }
    let changes = join_all(scenes.iter().map(|scene| Box::pin(change_under_load(scene, &processes))));
    tokio::time::timeout(DEADLINE, changes).await.unwrap();
    processes.iter().for_each(Process::assert_healthy);
}

/// Two systems send without pause, each to its own process, while the change is made and turned back, at one process
/// and at the other.
async fn change_under_load(scene: &Scene, processes: &[Process; 2]) {
    let load = Load::new(scene.kind, scene.authorization());
    let at = processes.each_ref().map(|process| scene.app.through(process));
    let changes = async {
        load.every_sender_is_served().await;
        for number in 1..scene.kind.states() {
            let change = Box::pin(scene.change(&at[number / 2 % 2], number % 2 == 1));
            load.change(number, change).await;
            load.every_sender_is_served().await;
        }
        load.finish();
    };
    let senders =
        join_all(processes.iter().enumerate().map(|(number, process)| load.send(number, scene.place, process)));
    join(Box::pin(changes), senders).await;
    load.stored_leads_are_as_answered(scene).await;
}
