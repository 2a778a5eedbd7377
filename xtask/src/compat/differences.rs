//! What differs on an engine, with the reason: the tests that need it are left out there, and the page says so.

use super::kind::Kind;

/// A difference, and the tests (by parts of their names) that can't hold because of it.
#[derive(Debug)]
pub(super) struct Difference {
    pub(super) kind: Kind,
    pub(super) what: &'static str,
    pub(super) tests: &'static [&'static str],
}

const ALL: &[Difference] = &[
    Difference {
        kind: Kind::Podman,
        what: "Podman's builder takes a cached layer although a build argument differs (`ARG` that only `ENV` or `COPY` uses), for \
               plain `docker compose build` too. So an image whose version is a build argument and nothing else does not \
               change; one of whose files changes does. These tests tell their versions so.",
        tests: &[
            "crash::",
            "files::folders_and_files_beside_the_stack_come_back",
            "gates::a_verdict_does_not_wait_for_the_healthchecks_interval",
            "guide::",
            "kinds::a_container_name_and_networks_with_aliases_are_what_they_were",
            "kinds::a_service_in_anothers_network_follows_it",
            "kinds::a_service_on_the_hosts_network_is_replaced_and_comes_back_when_it_fails",
            "kinds::two_services_trade_their_ports",
            "life::a_service_that_lives_with_a_named_container_follows_it",
            "life::files_without_a_source_are_in_every_container_and_come_back",
            "life::hooks_are_run_and_a_failing_one_undoes_the_run",
            "restore_test::a_release_comes_up_beside_the_stack_and_goes_again",
            "rollback::a_rollback_that_fails_is_undone_itself",
            "rollback::env_compose_file_and_services_come_back_and_going_back_twice_goes_further",
            "services::a_good_release_on_a_host_port_costs_at_most_the_swap",
            "services::a_one_shot_service_runs_once_for_each_release",
            "services::a_service_without_host_ports_is_replaced_without_a_failed_request",
            "services::replicas_grow_and_shrink_and_are_replaced",
            "state::a_killed_run_whose_state_is_gone_is_cleaned_up",
            "state::two_projects_of_one_folder_have_two_histories",
        ],
    },
    Difference {
        kind: Kind::Podman,
        what: "Without BuildKit, Compose builds from the file `Dockerfile` where `dockerfile_inline` stands.",
        tests: &[
            "images::a_base_of_the_stack_arrives_at_once_and_the_same_content_replaces_nothing",
            "images::without_a_build_and_without_an_image_to_pull_it_is_said",
        ],
    },
    Difference {
        kind: Kind::Podman,
        what: "`RUN` in a build fails here: `runc` can't create its container in the root that Podman is unpacked into.",
        tests: &[
            "failing::a_release_whose_own_check_fails_costs_nothing",
            "failing::an_update_whose_second_service_fails_costs_nothing",
            "secrets::a_build_that_prints_its_arguments_and_fails_shows_none",
        ],
    },
    Difference {
        kind: Kind::Podman,
        what: "Podman knows no `links` (\"link is not supported\"): the run fails and is undone.",
        tests: &["life::links_lead_to_what_is_live"],
    },
    Difference {
        kind: Kind::Podman,
        what: "Where there is no systemd, Podman does not run health checks by itself. Backstay asks them, but `docker compose up --wait`, \
               with which these tests begin, waits for ever; and a proxy that waits for `healthy` never sees it.",
        tests: &[
            "adopt::",
            "files::services_that_the_file_does_not_name_any_more_come_back",
            "old::",
            "stacks::label_proxy::",
        ],
    },
    Difference {
        kind: Kind::Podman,
        what: "What the tests themselves ask of the engine is not known there: the filter `status=restarting`, and removing an image by \
               its id while it has several tags.",
        tests: &[
            "gates::what_falls_over_already_is_told_and_a_fix_goes_through",
            "rollback::a_release_comes_back_after_its_images_were_pruned",
        ],
    },
    Difference {
        kind: Kind::Podman,
        what: "Podman starts a container whose host port another program has. A run finds that out before it begins; after that \
               the engine says nothing.",
        tests: &["live::a_taken_port_is_found_before_and_told_after"],
    },
    Difference {
        kind: Kind::Podman,
        what: "Podman removes no container in whose namespaces another one lives.",
        tests: &["recorded::a_stack_comes_back_without_its_files"],
    },
    Difference {
        kind: Kind::Podman,
        what: "Images that the builder without BuildKit makes lack the label of their service, and errors have other words.",
        tests: &[
            "create::an_image_that_is_missing_is_said_and_nothing_is_left",
            "images::a_build_moves_its_own_tag_and_no_other",
            "images::a_pull_that_fails_says_why",
            "images::an_image_comes_back_from_the_vault_under_its_own_id",
            "probe::a_container_is_asked_at_its_own_address_and_inside",
        ],
    },
    Difference {
        kind: Kind::Podman,
        what: "The socket is this user's alone: nobody else may use it, whatever groups there are.",
        tests: &["state::root_and_a_user_of_the_engines_group_take_turns"],
    },
    Difference {
        kind: Kind::Podman,
        what: "Podman gives a container that leaves a network and joins it again the next address, and not the one that it gave back. So \
               a container whose DNS names change has another address afterwards; whoever looked it up once looks again, as part of \
               the run.",
        tests: &["live::new_dns_names_do_not_cost_the_address"],
    },
];

pub(super) fn of(kind: Kind) -> impl Iterator<Item = &'static Difference> {
    ALL.iter().filter(move |difference| difference.kind == kind)
}
