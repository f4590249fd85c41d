import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Properties;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.AppInfoParser;

/** The Java client behind the workload contract of bench/workload.ts. */
public final class PerfProducer {
    private static final LongAdder acked = new LongAdder();
    private static final LongAdder failed = new LongAdder();

    private final String json;
    private final KafkaProducer<byte[], byte[]> producer;
    private final byte[] value;
    private final boolean transactional;

    private PerfProducer(String json, KafkaProducer<byte[], byte[]> producer) {
        this.json = json;
        this.producer = producer;
        this.value = new byte[(int) number(json, "valueBytes")];
        Arrays.fill(value, (byte) 'x');
        this.transactional = Boolean.parseBoolean(text(json, "transactional"));
    }

    public static void main(String[] args) throws Exception {
        String json = args[0];
        Properties settings = settings(json);
        try (var kafka = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            var client = new PerfProducer(json, kafka);
            if (client.transactional) kafka.initTransactions();
            client.run((long) number(json, "warmupRecords"), number(json, "warmupMs"));
            long before = acked.sum();
            long cpuBefore = cpuNanos();
            long start = System.nanoTime();
            double[] latencies = client.run((long) number(json, "records"), number(json, "durationMs"));
            double seconds = (System.nanoTime() - start) / 1e9;
            double cpuSeconds = (cpuNanos() - cpuBefore) / 1e9;
            System.out.printf(
                "{\"records\":%d,\"recordsBefore\":%d,\"failed\":%d,\"seconds\":%f,\"cpuSeconds\":%f,\"peakRssBytes\":%d%s,\"settings\":%s}%n",
                acked.sum() - before, before, failed.sum(), seconds, cpuSeconds, peakRssBytes(), latencyJson(latencies), settingsJson(settings));
        }
    }

    private static Properties settings(String json) {
        var settings = new Properties();
        settings.put("bootstrap.servers", text(json, "bootstrapServers"));
        settings.put("acks", "all");
        settings.put("enable.idempotence", text(json, "idempotent"));
        settings.put("linger.ms", text(json, "lingerMs"));
        settings.put("batch.size", text(json, "batchSize"));
        settings.put("buffer.memory", text(json, "bufferMemory"));
        if (text(json, "transactional").equals("true")) settings.put("transactional.id", text(json, "topic"));
        return settings;
    }

    /** Until `records` or `durationMs`; latencies in nanoseconds come back in modes awaited and groups, else none. */
    private double[] run(long records, double durationMs) throws Exception {
        return text(json, "mode").equals("groups") ? produceGroups(records, durationMs) : produce(records, durationMs);
    }

    /** One group after the other, each ended by a flush, or a transaction. Any failure ends the program. */
    private double[] produceGroups(long records, double durationMs) {
        String topic = text(json, "topic");
        int partitions = text(json, "partitioning").equals("hot") ? 1 : (int) number(json, "partitions");
        int groupRecords = (int) number(json, "groupRecords");
        double[] latencies = new double[(int) Math.min(records / groupRecords, 1_000_000)];
        long deadline = System.nanoTime() + (long) (durationMs * 1e6);
        int groups = 0;
        while (groups < latencies.length) {
            long start = System.nanoTime();
            if (start >= deadline) break;
            if (transactional) producer.beginTransaction();
            for (int index = 0; index < groupRecords; index++) {
                var record = new ProducerRecord<byte[], byte[]>(topic, index % partitions, null, value);
                producer.send(record, (metadata, error) -> (error == null ? acked : failed).increment());
            }
            if (transactional) producer.commitTransaction();
            else producer.flush();
            latencies[groups++] = System.nanoTime() - start;
        }
        return Arrays.copyOf(latencies, groups);
    }

    private double[] produce(long records, double durationMs) throws Exception {
        String topic = text(json, "topic");
        String mode = text(json, "mode");
        String partitioning = text(json, "partitioning");
        int partitions = (int) number(json, "partitions");
        boolean awaited = mode.equals("awaited");
        Semaphore slots = mode.equals("promise") ? new Semaphore((int) number(json, "outstanding")) : null;
        double[] latencies = new double[awaited ? (int) Math.min(records, 10_000_000) : 0];
        long deadline = System.nanoTime() + (long) (durationMs * 1e6);
        long sent = 0;
        while (sent < records) {
            Integer partition = switch (partitioning) {
                case "unkeyed" -> null;
                case "hot" -> 0;
                default -> (int) (sent % partitions);
            };
            var record = new ProducerRecord<byte[], byte[]>(topic, partition, null, value);
            long start = awaited ? System.nanoTime() : 0;
            if (slots != null) slots.acquire();
            var future = producer.send(record, (metadata, error) -> {
                (error == null ? acked : failed).increment();
                if (slots != null) slots.release();
            });
            if (awaited) {
                future.get();
                latencies[(int) sent] = System.nanoTime() - start;
            }
            sent++;
            if ((awaited || sent % 1024 == 0) && System.nanoTime() >= deadline) break;
        }
        producer.flush();
        return awaited ? Arrays.copyOf(latencies, (int) sent) : latencies;
    }

    private static String latencyJson(double[] latencies) {
        if (latencies.length == 0) return "";
        Arrays.sort(latencies);
        var json = new StringBuilder(",\"latencyMs\":{");
        String[] names = {"p50", "p90", "p99", "p999", "max"};
        double[] quantiles = {.5, .9, .99, .999, 1};
        for (int i = 0; i < names.length; i++) {
            double ms = latencies[(int) ((latencies.length - 1) * quantiles[i])] / 1e6;
            json.append("%s\"%s\":%f".formatted(i == 0 ? "" : ",", names[i], ms));
        }
        return json.append('}').toString();
    }

    private static String settingsJson(Properties settings) {
        var json = new StringBuilder("{\"version\":\"" + AppInfoParser.getVersion() + "\"");
        for (var name : new String[] {"acks", "enable.idempotence", "linger.ms", "batch.size", "buffer.memory", "transactional.id"}) {
            if (!settings.containsKey(name)) continue;
            json.append(",\"%s\":\"%s\"".formatted(name, settings.get(name)));
        }
        return json.append('}').toString();
    }

    private static double number(String json, String name) {
        return Double.parseDouble(text(json, name));
    }

    /** The workload is one flat JSON object without escapes. */
    private static String text(String json, String name) {
        Matcher matcher = Pattern.compile("\"" + name + "\":\"?([^\",}]*)").matcher(json);
        if (!matcher.find()) throw new IllegalArgumentException("no " + name + " in the workload");
        return matcher.group(1);
    }

    private static long cpuNanos() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }

    private static long peakRssBytes() throws Exception {
        String status = Files.readString(Path.of("/proc/self/status"), StandardCharsets.UTF_8);
        Matcher matcher = Pattern.compile("VmHWM:\\s+(\\d+) kB").matcher(status);
        return matcher.find() ? Long.parseLong(matcher.group(1)) * 1024 : 0;
    }
}
