import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.common.metrics.KafkaMetric;
import org.apache.kafka.common.metrics.MetricsReporter;
import org.apache.kafka.server.telemetry.ClientTelemetryExporter;
import org.apache.kafka.server.telemetry.ClientTelemetryExporterProvider;
import org.apache.kafka.server.telemetry.ClientTelemetryPayload;
import org.apache.kafka.shaded.com.google.protobuf.InvalidProtocolBufferException;
import org.apache.kafka.shaded.io.opentelemetry.proto.common.v1.KeyValue;
import org.apache.kafka.shaded.io.opentelemetry.proto.metrics.v1.Metric;
import org.apache.kafka.shaded.io.opentelemetry.proto.metrics.v1.MetricsData;
import org.apache.kafka.shaded.io.opentelemetry.proto.metrics.v1.NumberDataPoint;

/**
 * A plugin of a broker that takes the metrics of clients, reads them with OpenTelemetry's own classes, and appends a line
 * for each point to the file that the system property linger.telemetry.file names.
 *
 * A line has, with tabs between: client id, client instance id, terminating, labels of the client, name, kind (gauge,
 * delta or cumulative), labels of the point, value, start time and time in milliseconds since 1970. Labels are NAME=VALUE
 * with commas between, sorted.
 */
public final class TelemetryReceiver implements MetricsReporter, ClientTelemetryExporterProvider {
  private final Path file = Path.of(System.getProperty("linger.telemetry.file"));

  @Override
  public ClientTelemetryExporter clientTelemetryExporter() {
    return (context, payload) -> write(linesOf(context.authorizableRequestContext().clientId(), payload));
  }

  private static List<String> linesOf(String clientId, ClientTelemetryPayload payload) {
    try {
      var client = String.join("\t", clientId, payload.clientInstanceId().toString(), "" + payload.isTerminating());
      var lines = new ArrayList<String>();
      for (var resourceMetrics : MetricsData.parseFrom(payload.data()).getResourceMetricsList()) {
        var resource = labelsOf(resourceMetrics.getResource().getAttributesList());
        for (var scopeMetrics : resourceMetrics.getScopeMetricsList()) {
          for (var metric : scopeMetrics.getMetricsList()) {
            for (var point : pointsOf(metric)) lines.add(String.join("\t", client, resource, lineOf(metric, point)));
          }
        }
      }
      return lines;
    } catch (InvalidProtocolBufferException wrong) {
      throw new UncheckedIOException(wrong);
    }
  }

  private static List<NumberDataPoint> pointsOf(Metric metric) {
    return metric.hasSum() ? metric.getSum().getDataPointsList() : metric.getGauge().getDataPointsList();
  }

  private static String lineOf(Metric metric, NumberDataPoint point) {
    return String.join(
        "\t",
        metric.getName(),
        kindOf(metric),
        labelsOf(point.getAttributesList()),
        "" + (point.hasAsInt() ? point.getAsInt() : point.getAsDouble()),
        "" + point.getStartTimeUnixNano() / 1_000_000,
        "" + point.getTimeUnixNano() / 1_000_000);
  }

  private static String kindOf(Metric metric) {
    if (metric.hasGauge()) return "gauge";
    return switch (metric.getSum().getAggregationTemporality()) {
      case AGGREGATION_TEMPORALITY_DELTA -> "delta";
      case AGGREGATION_TEMPORALITY_CUMULATIVE -> "cumulative";
      default -> "unspecified";
    };
  }

  private static String labelsOf(List<KeyValue> attributes) {
    return attributes.stream()
        .map(one -> one.getKey() + "=" + one.getValue().getStringValue())
        .sorted()
        .collect(Collectors.joining(","));
  }

  private synchronized void write(List<String> lines) {
    try {
      Files.write(file, lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  @Override
  public void configure(Map<String, ?> configs) {}

  @Override
  public void init(List<KafkaMetric> metrics) {}

  @Override
  public void metricChange(KafkaMetric metric) {}

  @Override
  public void metricRemoval(KafkaMetric metric) {}

  @Override
  public void close() {}
}
