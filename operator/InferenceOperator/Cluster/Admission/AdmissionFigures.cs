using System.Collections.Immutable;

namespace InferenceOperator.Cluster.Admission;

/// <summary>The webhook at one moment.</summary>
/// <param name="Answers">Answers so far, of each result.</param>
/// <param name="CertificateUntil">When the certificate that is served ends (UTC); null: none is served yet.</param>
internal sealed record AdmissionFigures(ImmutableArray<(AdmissionResult Result, long Count)> Answers, DateTimeOffset? CertificateUntil);
