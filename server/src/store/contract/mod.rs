//! What every store must do, written once against `Arc<dyn Store>` and run on each of them. A new method of the store's
//! traits is finished when this suite runs it on all.
//!
//! `open` makes an empty store of each kind; a test is an `async fn` of a [`World`](fixtures::World) around one, named
//! once in the table below.

#![allow(clippy::unwrap_used)]

mod accounts;
mod alike;
mod attachments;
mod commits;
pub(crate) mod dice;
mod fixtures;
mod history;
mod keys;
mod members;
mod metrics;
mod notices;
mod objects;
mod open;
mod projects;
mod reviews;
mod rows;
mod scores;
mod search;
mod tags;
mod traces;
mod views;
mod webhooks;

/// The tests of one topic on one store.
macro_rules! topic {
    ($store:ident, $topic:ident: $($name:ident),+ $(,)?) => {
        mod $topic {
            $(#[tokio::test]
            async fn $name() {
                use crate::store::contract::{$topic, fixtures::World, open};
                // Absent where a server is needed and none was named; `open` has said so.
                let Some(store) = open::$store().await else { return };
                let world = World::new(store).await;
                let store = world.store.clone();
                $topic::$name(world).await;
                store.close().await;
            })+
        }
    };
}

/// The whole suite on one store of [`open`].
macro_rules! suite {
    ($store:ident) => {
        mod $store {
            topic!($store, accounts:
                an_organization_comes_whole_or_not_at_all,
                a_set_up_link_works_once_and_only_first,
                a_sign_in_link_works_until_it_expires,
                an_invitation_is_used_up_with_its_sessions,
            );
            topic!($store, members:
                members_are_listed_oldest_first_and_found_by_email,
                a_removed_member_cannot_come_in_and_keeps_their_name,
                a_removed_member_comes_back_under_the_old_id,
                an_organization_keeps_an_owner,
            );
            topic!($store, keys:
                sessions_end_by_time_by_sign_out_and_by_number,
                a_key_acts_as_its_member_or_as_less,
                keys_are_listed_and_deleted_within_their_organization,
                a_feedback_key_lives_as_long_as_its_project,
            );
            topic!($store, projects:
                a_project_is_registered_once_by_name,
                a_deleted_project_is_found_by_nothing_and_frees_its_name,
                projects_are_listed_newest_first_and_paged_by_id,
            );
            topic!($store, objects:
                an_object_is_registered_once_by_kind_and_name,
                a_deleted_object_is_found_by_nothing_and_frees_its_name,
                objects_are_filtered_and_paged,
                r5_rows_of_objects_are_counted_for_themselves,
                a_dataset_is_read_as_of_any_transaction,
                outcomes_are_of_roots_with_their_traces_sums,
            );
            topic!($store, scores:
                scores_keep_their_order_and_their_json,
                a_score_is_replaced_only_when_asked,
                scores_are_filtered_and_paged,
            );
            topic!($store, tags:
                tags_keep_their_order_and_are_replaced_only_when_asked,
                tags_are_filtered_and_paged,
            );
            topic!($store, views:
                a_view_has_one_name_in_its_table,
                views_are_filtered_and_paged,
            );
            topic!($store, webhooks:
                webhooks_are_kept_changed_and_deleted_with_their_log,
                what_happens_is_queued_with_the_change_for_whom_it_concerns,
                what_is_due_is_taken_once_and_comes_back_until_it_is_over,
            );
            topic!($store, attachments:
                an_attachment_is_announced_arrives_and_is_done_for_ever,
                a_signing_key_is_made_once,
            );
            topic!($store, rows:
                any_text_and_any_json_comes_back,
                writes_of_one_batch_meet_in_order,
                r8_a_repeated_batch_changes_nothing_but_its_transaction,
                a_child_finds_its_parent_whichever_batch_it_came_in,
                deleted_rows_are_hidden_and_come_back_empty,
                objects_do_not_see_each_other,
                many_rows_are_written_and_read_at_once,
                transaction_ids_grow_whatever_the_clock_says,
            );
            topic!($store, traces:
                traces_are_listed_by_key_and_know_their_neighbours,
                a_trace_sums_its_spans,
                traces_of_one_moment_are_paged_without_loss,
                a_whole_trace_is_read_by_its_id_or_by_that_of_a_span,
                whole_traces_are_fetched_most_recently_written_first,
                texts_are_compared_byte_by_byte,
                a_row_is_located_by_id_span_or_trace,
            );
            topic!($store, search:
                filters_find_what_they_match_and_nothing_else,
                what_is_written_again_before_full_text_has_it_is_found_by_its_last_words,
                labels_and_volumes_are_counted,
            );
            topic!($store, reviews:
                a_review_is_made_once_for_a_row,
                what_is_stored_opens_a_room,
                snapshots_only_grow,
                a_review_may_come_before_its_row,
                a_comment_finds_its_row,
            );
            topic!($store, commits:
                r2_a_stale_commit_leaves_no_trace_and_costs_no_other,
                r7_a_replica_belongs_to_whoever_used_it_first,
                r2_one_batch_may_build_on_itself,
                r4_refusals_alone_change_nothing_that_is_seen,
                r8_a_feedback_id_is_stored_once,
                a_batch_tells_what_it_did,
            );
            topic!($store, notices:
                assignments_made_together_are_one_notification,
                r8_a_comment_is_told_once_and_to_whom_it_concerns,
                only_members_who_are_still_there_are_told,
                what_was_read_is_ones_own,
            );
            topic!($store, history:
                history_tells_facts_in_order_and_by_page,
                history_names_people,
                a_project_has_one_chain_for_all_its_reviews,
            );
            topic!($store, alike:
                random_batches_answer_like_maps,
            );
            topic!($store, metrics:
                r5_counters_equal_a_recount_under_any_plan,
                r5_changed_scores_are_derived_again_step_by_step,
                project_numbers_are_those_of_the_logs,
                reviews_of_a_project_are_counted_by_kind_and_member,
                extremes_follow_the_effective_numbers,
            );
        }
    };
}

suite!(memory);
suite!(sqlite);
suite!(postgres);
