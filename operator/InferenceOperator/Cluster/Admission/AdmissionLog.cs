using InferenceOperator.Kubernetes;

namespace InferenceOperator.Cluster.Admission;

/// <summary>What the admission webhook logs.</summary>
internal static partial class AdmissionLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "The admission webhook listens on port {Port}")]
    public static partial void AdmissionStarted(this ILogger logger, int port);

    [LoggerMessage(Level = LogLevel.Information, Message = "Renewed the certificates of the admission webhook in Secret {Secret}: {What}")]
    public static partial void CertificatesRenewed(this ILogger logger, ObjectKey secret, string what);

    [LoggerMessage(Level = LogLevel.Information, Message = "The admission webhook serves a certificate until {Until}")]
    public static partial void CertificateServed(this ILogger logger, DateTimeOffset until);

    [LoggerMessage(Level = LogLevel.Information, Message = "ValidatingWebhookConfiguration {Name} trusts {Count} authorities now")]
    public static partial void BundleWritten(this ILogger logger, string name, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The admission webhook is not called, or not with a certificate that is trusted; manifests are admitted unchecked, and the operator checks them itself: {Reason}")]
    public static partial void AdmissionLacks(this ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "The admission webhook is registered")]
    public static partial void AdmissionRegistered(this ILogger logger);
}
