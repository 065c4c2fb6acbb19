//! Section `telemetry`: where traces go.

section! {
    /// Traces by OpenTelemetry. Sampling and resource attributes come from the standard variables, such as
    /// `OTEL_TRACES_SAMPLER`, `OTEL_SERVICE_NAME`.
    pub struct Telemetry in telemetry {
        /// Base address of a collector that takes OTLP over HTTP, such as `http://collector:4318`. Empty is
        /// `OTEL_EXPORTER_OTLP_ENDPOINT` where that is set, else no traces.
        otlp_endpoint: String = String::new(),
    }
}
