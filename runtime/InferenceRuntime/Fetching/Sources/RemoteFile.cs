using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using InferenceRuntime.Fetching.Network;

namespace InferenceRuntime.Fetching.Sources;

/// <summary>One file at its source: asks for its bytes, follows redirects, and says what an answer means.</summary>
/// <param name="source">The file.</param>
/// <param name="access">By what right it is read.</param>
/// <param name="client">Connects where it may.</param>
/// <param name="limits">How far redirects are followed, and how long silence may last.</param>
/// <param name="clock">Time.</param>
internal sealed class RemoteFile(FetchSource source, SourceAccess access, HttpMessageInvoker client, FetchLimits limits, TimeProvider clock)
{
    private readonly SourceRequests _requests = new(source, access, clock);
    private bool _regionLearned;

    public FetchSource Source => source;

    /// <summary>Asks for the bytes from one on.</summary>
    /// <param name="from">The first byte, at least 0.</param>
    /// <param name="tag">The entity tag, strong, of which the bytes have to be; null with 0.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <exception cref="FetchException">The file can never be had this way.</exception>
    public async Task<FileReply> OpenAsync(long from, string? tag, CancellationToken cancellationToken)
    {
        var address = _requests.Address;
        for (var redirects = 0; ; redirects++)
        {
            HttpResponseMessage? response = null;
            try
            {
                response = await SendAsync(_requests.Create(address, from, tag), cancellationToken).ConfigureAwait(false);
                if (LearnsRegion(response))
                {
                    address = _requests.Address;
                }
                else if (Redirect(response, address) is { } next)
                {
                    address = redirects < limits.RedirectsMax
                        ? next
                        : throw new FetchException(FetchFault.BadReply, $"{source}: more than {limits.RedirectsMax} redirects");
                }
                else
                {
                    var reply = Judge(response, from, tag);
                    response = reply is FileReply.Content ? null : response;
                    return reply;
                }
            }
            catch (HttpRequestException exception)
            {
                return exception.InnerException is RefusedAddressException refused
                    ? throw new FetchException(FetchFault.SourceRefused, $"{source}: {refused.Message}", exception)
                    : new FileReply.Later(Innermost(exception), After: null);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return new FileReply.Later($"no answer within {limits.Silence.TotalSeconds} s", After: null);
            }
            finally
            {
                response?.Dispose();
            }
        }
    }

    private static string Innermost(Exception exception) => exception.InnerException is { } inner ? Innermost(inner) : exception.Message;

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using (request)
        {
            using var silence = new CancellationTokenSource(limits.Silence, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellationToken);
            return await client.SendAsync(request, either.Token).ConfigureAwait(false);
        }
    }

    private Uri? Redirect(HttpResponseMessage response, Uri address)
    {
        // A store that sends elsewhere has the bucket elsewhere, where the signature would not hold.
        if (source is FetchSource.S3 || response.StatusCode is not (HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect))
        {
            return null;
        }

        if (response.Headers.Location is not { } location)
        {
            throw new FetchException(FetchFault.BadReply, $"{source}: a redirect that does not say where to");
        }

        var next = location.IsAbsoluteUri ? location : new Uri(address, location);
        return next.Scheme == Uri.UriSchemeHttps && next.UserInfo.Length == 0
            ? next
            : throw new FetchException(FetchFault.SourceRefused, $"{source}: a redirect to {next.Scheme}://{next.Host}, only https:// is followed");
    }

    // Amazon names the bucket's region in whatever it answers to a request that came to another.
    private bool LearnsRegion(HttpResponseMessage response)
    {
        if (_regionLearned || source is not FetchSource.S3 || access.Endpoint is not null || response.IsSuccessStatusCode
            || !response.Headers.TryGetValues("x-amz-bucket-region", out var values)
            || values.FirstOrDefault() is not { } region || region == _requests.Region || !region.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
        {
            return false;
        }

        _requests.Region = region;
        _regionLearned = true;
        return true;
    }

    private FileReply Judge(HttpResponseMessage response, long from, string? tag) => response.StatusCode switch
    {
        HttpStatusCode.OK or HttpStatusCode.PartialContent => JudgeContent(response, from, tag),
        HttpStatusCode.PreconditionFailed or HttpStatusCode.RequestedRangeNotSatisfiable when from > 0 => new FileReply.Changed(),
        HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or (HttpStatusCode)425 or >= HttpStatusCode.InternalServerError and not HttpStatusCode.NotImplemented =>
            new FileReply.Later($"the server answers {Status(response)}", After(response)),
        HttpStatusCode.NotFound or HttpStatusCode.Gone => throw new FetchException(FetchFault.NotFound, $"{source}: there is no such file: the server answers {Status(response)}"),
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.ProxyAuthenticationRequired =>
            throw new FetchException(FetchFault.Denied, $"{source}: the server answers {Status(response)} {(HasCredentials ? "to the credentials of model.auth" : "without credentials: name a Secret in model.auth")}"),
        _ => throw new FetchException(FetchFault.BadReply, $"{source}: the server answers {Status(response)}"),
    };

    private bool HasCredentials => source is FetchSource.S3 ? access.Key is not null : access.Authorization is not null;

    private FileReply JudgeContent(HttpResponseMessage response, long from, string? tag)
    {
        if (response.Content.Headers.ContentEncoding.Any(static coding => !coding.Equals("identity", StringComparison.OrdinalIgnoreCase)))
        {
            throw new FetchException(FetchFault.BadReply, $"{source}: the server sends the content coding {string.Join(", ", response.Content.Headers.ContentEncoding)}, which was not asked for");
        }

        var its = response.Headers.ETag is { IsWeak: false } strong ? strong.Tag : null;
        if (response.StatusCode is HttpStatusCode.OK)
        {
            // Also to a request for a part: then the file changed, or the server knows no parts.
            return from > 0 && its is not null && its != tag ? new FileReply.Changed() : new FileReply.Content(response, 0, response.Content.Headers.ContentLength, its);
        }

        if (!IsRest(response.Content.Headers, from))
        {
            throw new FetchException(FetchFault.BadReply, $"{source}: the server answers with the bytes '{response.Content.Headers.ContentRange}', from {from} on were asked for");
        }

        return its is not null && its != tag
            ? new FileReply.Changed()
            : new FileReply.Content(response, from, response.Content.Headers.ContentRange!.Length, tag); // There: looked at above.
    }

    // The part is all that is missing, and its length is what it says.
    private static bool IsRest(HttpContentHeaders headers, long from) =>
        from > 0 && headers.ContentRange is { Unit: "bytes", From: { } first, To: { } last, Length: { } whole }
        && first == from && last == whole - 1 && last >= first && (headers.ContentLength is not { } sent || sent == last - first + 1);

    private TimeSpan? After(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - clock.GetUtcNow(),
        _ => null,
    };

    private static string Status(HttpResponseMessage response) => string.Create(CultureInfo.InvariantCulture, $"{(int)response.StatusCode} ({response.StatusCode})");
}
