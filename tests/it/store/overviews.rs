//! Models at a glance: order, search, what stands for a model.

use coreanvil::store::{OverviewFilter, OverviewOrder, Reach};

use super::world::on_every_database;

#[test]
fn models_are_found_and_sorted() {
    on_every_database(async |world| {
        for name in ["beta", "alpha", "per_cent", "perxcent"] {
            world.model(name).await;
        }
        let list = async |search: &str, order: OverviewOrder, limit: u32, skip: u32| {
            let filter = OverviewFilter {
                search: search.to_owned(),
                order,
            };
            let found = world
                .store
                .overviews(Reach::All, &filter, limit, skip)
                .await;
            let found = found
                .unwrap()
                .into_iter()
                .map(|model| model.name.to_string());
            found.collect::<Vec<_>>()
        };
        let newest = ["perxcent", "per_cent", "alpha", "beta"];
        assert_eq!(list("", OverviewOrder::Newest, 50, 0).await, newest);
        assert_eq!(list("", OverviewOrder::Newest, 2, 1).await, newest[1..3]);
        let by_name = ["alpha", "beta", "per_cent", "perxcent"];
        assert_eq!(list("", OverviewOrder::Name, 50, 0).await, by_name);
        assert_eq!(list("LPH", OverviewOrder::Name, 50, 0).await, ["alpha"]);
        // What `like` takes for a wildcard is a letter here.
        assert_eq!(list("r_c", OverviewOrder::Name, 50, 0).await, ["per_cent"]);
        assert!(list("%", OverviewOrder::Name, 50, 0).await.is_empty());
        assert!(list("!", OverviewOrder::Size, 50, 0).await.is_empty());
    });
}
