namespace InferenceOperator.Local;

/// <summary>The local mode cannot start as it was told to; the message is for people.</summary>
internal sealed class LocalStartException : Exception
{
    public LocalStartException(string message)
        : base(message)
    {
    }

    public LocalStartException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public LocalStartException()
    {
    }
}
