//! What every engine must do, as cases that run on the fake and on real ones alike.
//!
//! A [`Fixture`] makes stacks; [`for_each_conformance_case!`](crate::for_each_conformance_case) names the cases for a macro
//! that turns each into a test.

// A case is a test's body: what is not as it should be ends it.
#![allow(clippy::unwrap_used, clippy::missing_panics_doc)]

mod bench;
mod create;
mod files;
mod fixture;
mod images;
mod lives;
mod model;
mod names;
mod networks;
mod volumes;

pub use bench::{Bench, create, replace};
pub use create::*;
pub use files::*;
pub use fixture::{Fixture, Wanted};
pub use images::*;
pub use lives::*;
pub use model::*;
pub use names::*;
pub use networks::*;
pub use volumes::*;

/// Calls a macro with the names of all cases.
#[macro_export]
macro_rules! for_each_conformance_case {
    ($callback:ident) => {
        $callback! {
            the_model_is_what_the_files_say,
            a_mistake_in_the_files_is_an_invalid_stack,
            a_build_gives_the_tags_of_the_request_and_moves_no_other,
            a_build_that_fails_leaves_the_stacks_own_tags,
            a_tag_points_where_it_was_put_last,
            an_image_comes_back_from_the_vault_under_its_own_id,
            containers_are_made_as_the_files_say,
            a_candidate_is_hidden_and_touches_nothing,
            a_rehearsal_has_no_port_and_no_name,
            numbers_continue_and_those_of_the_replaced_come_back,
            a_fixed_name_is_the_candidates_when_it_is_live,
            containers_come_back_from_what_inspect_said,
            files_without_a_source_are_put_into_containers,
            an_anonymous_volume_goes_to_the_successor,
            what_was_made_for_a_candidate_alone_goes_with_it,
            starting_and_stopping_can_be_repeated,
            an_end_is_seen_with_its_code_and_its_words,
            a_restart_policy_counts,
            what_a_container_can_be_asked_is_known,
            health_is_reported,
            a_name_belongs_to_one_container,
            dns_names_are_what_was_asked_for,
            a_network_in_use_stays,
            a_host_port_belongs_to_one_container,
            a_foreign_holder_of_a_port_is_named,
        }
    };
}
