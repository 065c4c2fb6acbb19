//! Snr and ratio at known values and at the edges.

use super::{ratio, snr_db};

#[test]
fn snr_is_ten_log_ten() {
    assert_eq!(snr_db(1000.0, 1.0), Some(30.0));
    assert_eq!(snr_db(1.0, 1.0), Some(0.0));
}

#[test]
fn snr_has_no_value_without_noise_or_signal() {
    for (signal, noise) in [
        (1.0, 0.0),
        (0.0, 1.0),
        (0.0, 0.0),
        (f64::NAN, 1.0),
        (f64::INFINITY, 1.0),
    ] {
        assert_eq!(snr_db(signal, noise), None, "{signal} {noise}");
    }
}

#[test]
fn ratio_of_sizes() {
    assert_eq!(ratio(8, 2), Some(4.0));
    assert_eq!(ratio(8, 0), None);
}
