namespace InferenceRuntime.Transport.Parsing;

/// <summary>Why a request is refused, as the client hears it.</summary>
/// <param name="Status">HTTP status, 400 to 499.</param>
/// <param name="Message">What is wrong, naming the field; never a path of this machine, never a stack trace.</param>
internal sealed record RequestFault(int Status, string Message)
{
    /// <summary>A fault in the content of the request: 400.</summary>
    public static RequestFault Invalid(string message) => new(StatusCodes.Status400BadRequest, message);
}
